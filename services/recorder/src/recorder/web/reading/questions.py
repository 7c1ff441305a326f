"""The questions themselves, one function each."""

from collections.abc import AsyncIterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Literal

from recorder.database import Database, Row
from recorder.web.reading import cursors
from recorder.web.reading.analytics import Analytics
from recorder.web.reading.filters import CallFilter, MessageFilter
from recorder.web.reading.models import (
    Alert,
    Call,
    CallDetail,
    Conversation,
    Found,
    MarkKind,
    Marks,
    Message,
    Note,
    OpenCall,
    OpenText,
    Recording,
    Request,
    Thread,
    Today,
)
from recorder.web.reading.paging import Page

MOST = 500
"""Rows of a page."""
_WAITING = 200
"""Things of each kind on Today."""

Granularity = Literal["hour", "day", "week", "month"]

LONGEST: dict[Granularity, timedelta] = {
    "hour": timedelta(days=31),
    "day": timedelta(days=1100),
    "week": timedelta(days=7700),
    "month": timedelta(days=36500),
}
"""The longest range of each: some hundred bars, which is more than a person reads, and quick to count."""


class TooLong(Exception):
    """The range is too long for the granularity; the text names the limit."""


@dataclass(frozen=True)
class Questions:
    """Everything the page and the API ask. All raise `Unavailable`, and `Refused` when the database refuses a value."""

    database: Database

    async def calls(self, filters: CallFilter, cursor: str | None, limit: int) -> Page[Call]:
        """Calls, newest first. Raises `BadCursor`."""
        names, question = ("at", "provider", "call_sid"), ("calls", filters.wanted())
        after = cursors.read(cursor, question, *names) if cursor else None
        rows = await self.database.call("list_calls", wanted=filters.wanted(), after=after, how_many=limit + 1)
        items = tuple(Call.model_validate(row) for row in rows[:limit])
        return Page(items=items, next=_next(rows, limit, question, *names))

    async def messages(self, filters: MessageFilter, cursor: str | None, limit: int) -> Page[Message]:
        """Texts, newest first. Raises `BadCursor`."""
        names, question = ("at", "provider", "message_sid"), ("messages", filters.wanted())
        after = cursors.read(cursor, question, *names) if cursor else None
        rows = await self.database.call("list_messages", wanted=filters.wanted(), after=after, how_many=limit + 1)
        items = tuple(Message.model_validate(row) for row in rows[:limit])
        return Page(items=items, next=_next(rows, limit, question, *names, at="occurred_at"))

    async def conversations(self, cursor: str | None, limit: int) -> Page[Conversation]:
        """Threads, the one with the newest text first. Raises `BadCursor`."""
        names, question = ("at", "conversation_id"), "conversations"
        after = cursors.read(cursor, question, *names) if cursor else None
        rows = await self.database.call("list_conversations", after=after, how_many=limit + 1)
        items = tuple(Conversation.model_validate(row) for row in rows[:limit])
        return Page(items=items, next=_next(rows, limit, question, *names, at="last_at"))

    async def thread(self, conversation_id: str, cursor: str | None, limit: int) -> Thread | None:
        """One conversation with a page of its texts. Raises `BadCursor`."""
        found = await self.database.call("one_conversation", conversation_id=conversation_id)
        if not found:
            return None
        texts = await self.messages(MessageFilter(conversation=conversation_id), cursor, limit)
        written = await self.notes("conversation", conversation_id)
        return Thread.model_validate({**found[0], "messages": texts.items, "next": texts.next, "written": written})

    async def call(self, provider: str, call_sid: str) -> CallDetail | None:
        """One call with timeline, recordings and notes."""
        found = await self.database.call("one_call", provider=provider, call_sid=call_sid)
        if not found:
            return None
        return CallDetail.model_validate({**found[0], "written": await self.notes("call", f"{provider}/{call_sid}")})

    async def recording(self, provider: str, recording_sid: str) -> Recording | None:
        """One recording."""
        found = await self.recording_row(provider, recording_sid)
        return Recording.model_validate(found) if found else None

    async def recording_row(self, provider: str, recording_sid: str) -> Row | None:
        """One recording with the provider's address of it, which is for the player only."""
        found = await self.database.call("one_recording", provider=provider, recording_sid=recording_sid)
        return found[0] if found else None

    async def search(self, words: str, cursor: str | None, limit: int) -> Page[Found]:
        """Texts and transcripts with these words, newest first. Raises `BadCursor`."""
        names, question = ("at", "provider", "sid", "kind"), ("search", words)
        after = cursors.read(cursor, question, *names) if cursor else None
        rows = await self.database.call("search", asked=words, after=after, how_many=limit + 1)
        items = tuple(Found.model_validate(row) for row in rows[:limit])
        return Page(items=items, next=_next(rows, limit, question, *names))

    async def search_numbers(self, digits: str, limit: int) -> tuple[Conversation, ...]:
        """Threads with a patient whose number has these digits (three or more) in a row."""
        rows = await self.database.call("search_numbers", digits=digits, how_many=limit)
        return tuple(Conversation.model_validate(row) for row in rows)

    async def analytics(self, since: datetime, until: datetime, granularity: Granularity, zone: str) -> Analytics:
        """Counts over a range in local time of `zone`. Raises `TooLong`."""
        if until - since > (longest := LONGEST[granularity]):
            raise TooLong(f"with granularity {granularity} the range may be {longest.days:,} days at most")
        [found] = await self.database.call(
            "analytics", since=since.isoformat(), until=until.isoformat(), granularity=granularity, zone=zone
        )
        return Analytics.model_validate(found)

    async def today(self, since: datetime) -> Today:
        """What waits for somebody, since then."""

        async def waiting(function: str) -> list[Any]:
            return await self.database.call(function, since=since.isoformat(), how_many=_WAITING)

        return Today(
            alerts=tuple(Alert.model_validate(row) for row in await waiting("open_alerts")),
            calls=tuple(OpenCall.model_validate(row) for row in await waiting("open_calls")),
            requests=tuple(Request.model_validate(row) for row in await waiting("open_requests")),
            conversations=tuple(OpenText.model_validate(row) for row in await waiting("open_conversations")),
        )

    async def notes(self, kind: MarkKind, key: str) -> tuple[Note, ...]:
        """Notes of a thing, oldest first."""
        return tuple(Note.model_validate(row) for row in await self.database.call("notes_of", kind=kind, key=key))

    async def mark_done(self, kind: MarkKind, key: str, done: bool, who: str) -> Marks:
        """Say that a thing is done, or is not after all."""
        [row] = await self.database.call("mark_done", kind=kind, key=key, done=done, who=who)
        return Marks.model_validate(row)

    async def mark_opened(self, kind: MarkKind, key: str, who: str) -> Marks:
        """Say that somebody played or read it; the first one stays."""
        [row] = await self.database.call("mark_opened", kind=kind, key=key, who=who)
        return Marks.model_validate(row)

    async def assign(self, kind: MarkKind, key: str, to_whom: str) -> Marks:
        """Say who looks after it; nobody when empty."""
        [row] = await self.database.call("assign", kind=kind, key=key, to_whom=to_whom)
        return Marks.model_validate(row)

    async def add_note(self, kind: MarkKind, key: str, note: str, who: str) -> Note:
        """Write something down."""
        [row] = await self.database.call("add_note", kind=kind, key=key, note=note, who=who)
        return Note.model_validate(row)

    async def staff(self) -> tuple[str, ...]:
        """Names of the people with a password of their own, to assign things to."""
        return tuple(row["name"] for row in await self.database.call("list_staff_users"))

    async def latest_change(self) -> Any:
        """Another value whenever something that is shown may have changed."""
        [found] = await self.database.call("latest_change")
        return found

    async def every_call(self, filters: CallFilter) -> AsyncIterator[tuple[Call, ...]]:
        """All of them, page by page."""
        cursor: str | None = None
        while True:
            page = await self.calls(filters, cursor, MOST)
            yield page.items
            if (cursor := page.next) is None:
                return

    async def every_message(self, filters: MessageFilter) -> AsyncIterator[tuple[Message, ...]]:
        """All of them, page by page."""
        cursor: str | None = None
        while True:
            page = await self.messages(filters, cursor, MOST)
            yield page.items
            if (cursor := page.next) is None:
                return


def _next(rows: list[Row], limit: int, question: object, *names: str, at: str = "at") -> str | None:
    """The cursor to what comes after `limit` rows; one more was asked for, to know whether there is any."""
    if len(rows) <= limit:
        return None
    last = rows[limit - 1]
    return cursors.write({name: last[at if name == "at" else name] for name in names}, question)
