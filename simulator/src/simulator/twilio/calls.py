"""A caller: rings, does what the TwiML says, and reports how it went.

Time in a call is imagined: pauses, speech and ringing count, but nobody waits for them.
"""

import math
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, field
from datetime import timedelta
from urllib.parse import urljoin
from xml.etree.ElementTree import Element

from simulator import ids
from simulator.delivery import Post
from simulator.library import Sound
from simulator.memory import Attempt, now
from simulator.twilio import twiml, webhooks
from simulator.twilio.account import Account
from simulator.twilio.gathering import gathered
from simulator.twilio.recordings import Recording, Recordings
from simulator.twilio.script import CallScript
from simulator.webhook import Answer

_CHARACTERS_PER_SECOND = 15
_MOST_DOCUMENTS = 50


@dataclass(frozen=True)
class CallReport:
    """How a call went. `problems` start with Twilio's error code where it has one."""

    call_sid: str
    status: str
    seconds: int
    ended_by: str
    heard: tuple[str, ...]
    """What was said to the caller."""
    verbs: tuple[str, ...]
    """What was executed."""
    recording_sids: tuple[str, ...]
    problems: tuple[str, ...]


@dataclass(frozen=True)
class _Request:
    """The document to fetch next."""

    url: str
    method: str = "POST"
    parameters: Mapping[str, str] = field(default_factory=dict)


class _CallEnds(Exception):
    """The call is over; says by what."""


class Call:
    """One call, to be run once. `sound` is what the caller says to a `<Record>`."""

    def __init__(
        self, script: CallScript, sound: Sound | None, account: Account, recordings: Recordings, post: Post
    ) -> None:
        self._script = script
        self._sound = sound
        self._account = account
        self._recordings = recordings
        self._post = post
        self._sid = ids.sid("CA")
        self._started_at = now()
        self._seconds = 0.0
        self._status = "ringing"
        self._url = account.addresses.url(script.path)
        self._inputs = list(script.inputs)
        self._sequence = 0
        self._heard: list[str] = []
        self._verbs: list[str] = []
        self._recording_sids: list[str] = []
        self._problems: list[str] = []
        self._handlers: dict[str, Callable[[Element], Awaitable[_Request | None]]] = {
            "Say": self._say,
            "Play": self._pass,
            "Pause": self._pause,
            "Gather": self._gather,
            "Record": self._record,
            "Dial": self._dial,
            "Redirect": self._redirect,
            "Hangup": self._hangup,
            "Reject": self._reject,
        }

    async def run(self) -> CallReport:
        """Call, listen, answer, hang up."""
        for status in ("initiated", "ringing"):
            await self._progress(status)
        ended_by = "too many documents"
        request: _Request = _Request(self._url)
        try:
            for number in range(_MOST_DOCUMENTS):
                document = await self._fetch(request)
                if number == 0 and not _rejects(document):
                    self._status = "in-progress"
                    await self._progress("in-progress")
                request = await self._execute(document)
            self._problems.append(f"more than {_MOST_DOCUMENTS} documents: the call goes round in circles")
        except _CallEnds as end:
            ended_by = str(end)
        return await self._finish(ended_by)

    async def _finish(self, ended_by: str) -> CallReport:
        if self._status in {"ringing", "in-progress"}:
            self._status = "completed"
        await self._report_end()
        return CallReport(
            call_sid=self._sid,
            status=self._status,
            seconds=math.ceil(self._seconds),
            ended_by=ended_by,
            heard=tuple(self._heard),
            verbs=tuple(self._verbs),
            recording_sids=tuple(self._recording_sids),
            problems=tuple(self._problems),
        )

    async def _fetch(self, request: _Request) -> twiml.Document:
        """The next document. Raises `_CallEnds` when it is unusable: the caller hears an announcement."""
        parameters = {**self._parameters(self._status), **request.parameters}
        webhook = self._account.webhook("twilio.voice", self._sid, request.url, parameters, method=request.method)
        attempt = await self._post.now(webhook)
        self._url = request.url
        try:
            document = _document(attempt)
        except twiml.BadTwiml as error:
            self._problems.append(str(error))
            raise _CallEnds("application error") from error
        self._problems += document.warnings
        return document

    async def _execute(self, document: twiml.Document) -> _Request:
        """Verb by verb, until one leads to another document."""
        if document.kind == "text":
            self._hear(document.text)
        for verb in document.verbs:
            handler = self._handlers.get(verb.tag)
            if handler is None:
                continue
            self._verbs.append(verb.tag)
            request = await handler(verb)
            if request is not None:
                return request
        raise _CallEnds("end of document")

    def _hear(self, words: str) -> None:
        self._heard.append(" ".join(words.split()))
        self._seconds += len(words) / _CHARACTERS_PER_SECOND

    async def _say(self, verb: Element) -> None:
        self._hear("".join(verb.itertext()))

    async def _pass(self, _: Element) -> None:
        self._seconds += 1

    async def _pause(self, verb: Element) -> None:
        self._seconds += self._number(verb, "length", 1)

    async def _hangup(self, _: Element) -> None:
        raise _CallEnds("hangup verb")

    async def _reject(self, verb: Element) -> None:
        if self._status == "ringing":
            self._status = "busy" if verb.get("reason") == "busy" else "no-answer"
        raise _CallEnds("reject verb")

    async def _redirect(self, verb: Element) -> _Request:
        return self._next(verb, (verb.text or "").strip(), {})

    async def _gather(self, verb: Element) -> _Request | None:
        for prompt in verb:
            if prompt.tag in {"Say", "Play", "Pause"}:
                await self._handlers[prompt.tag](prompt)
        given = self._inputs.pop(0) if self._inputs else None
        if given is not None and given.hangup:
            raise _CallEnds("caller")
        parameters = gathered(verb, given)
        if parameters is None:
            self._seconds += self._number(verb, "timeout", 5)
            if verb.get("actionOnEmptyResult") != "true":
                return None
            parameters = {"Digits": "", "FinishedOnKey": ""}
        self._seconds += len(parameters.get("SpeechResult", "")) / _CHARACTERS_PER_SECOND
        return self._next(verb, verb.get("action", ""), {"msg": "Gather End", **parameters})

    async def _record(self, verb: Element) -> _Request | None:
        events = (verb.get("recordingStatusCallbackEvent") or "completed").split()
        if self._sound is None:
            self._seconds += self._number(verb, "timeout", 5)
            return None
        recording = self._recordings.start(
            self._sid, self._sound, source="RecordVerb", channels=1, longest=self._number(verb, "maxLength", 3600)
        )
        self._recording_sids.append(recording.sid)
        self._seconds += recording.seconds
        await self._tell_recording(verb, recording, "in-progress", events)
        request = self._after_recording(verb, recording)
        hung_up = self._script.recording_ends_by == "hangup"
        try:
            if hung_up:
                self._status = "completed"
                await self._fetch(request)
                raise _CallEnds("caller")
        finally:
            recording.status = "completed"
            await self._tell_recording(verb, recording, "completed", events)
        return request

    def _after_recording(self, verb: Element, recording: Recording) -> _Request:
        ended_by = self._script.recording_ends_by
        parameters = {
            "RecordingUrl": self._account.resource(f"Recordings/{recording.sid}"),
            "RecordingSid": recording.sid,
            "RecordingDuration": str(max(1, round(recording.seconds))),
            "Digits": "" if ended_by == "silence" else ended_by,
        }
        return self._next(verb, verb.get("action", ""), parameters)

    async def _tell_recording(self, verb: Element, recording: Recording, status: str, events: list[str]) -> None:
        callback = verb.get("recordingStatusCallback")
        if callback and status in events:
            method = verb.get("recordingStatusCallbackMethod", "POST")
            url = urljoin(self._url, callback)
            await self._post.later(self._recordings.status_webhook(recording, status, url, method))

    async def _dial(self, verb: Element) -> _Request | None:
        outcome = self._script.dial_outcome
        answered = outcome == "completed"
        self._seconds += 60 if answered else self._number(verb, "timeout", 30)
        parameters = {"DialCallStatus": outcome, "DialCallSid": ids.sid("CA")}
        if answered:
            parameters |= {"DialCallDuration": "60", "DialBridged": "true"}
        return self._next(verb, verb.get("action", ""), parameters) if verb.get("action") else None

    def _next(self, verb: Element, url: str, parameters: Mapping[str, str]) -> _Request:
        """Relative URLs are meant from the current document, which is also the one meant by none at all."""
        method = verb.get("method", "POST").upper()
        return _Request(urljoin(self._url, url) if url else self._url, method, parameters)

    def _number(self, verb: Element, name: str, default: float) -> float:
        value = verb.get(name)
        if value is None:
            return default
        if not value.isdecimal():
            self._problems.append(f"12200 schema warning: <{verb.tag}> {name} is not a number")
            return default
        return float(value)

    def _parameters(self, status: str) -> dict[str, str]:
        to_number = self._script.to_number or self._account.number
        return webhooks.voice(self._account.sid, self._sid, self._script.from_number, to_number, status)

    async def _progress(self, status: str, **more: str) -> None:
        if self._script.progress_events:
            at = self._started_at + timedelta(seconds=self._seconds)
            await self._status_callback(status, {**webhooks.call_progress(self._sequence, at), **more})
            self._sequence += 1

    async def _report_end(self) -> None:
        seconds = math.ceil(self._seconds)
        if self._script.progress_events:
            minutes = str(-(-seconds // 60))
            await self._progress(self._status, CallDuration=str(seconds), Duration=minutes, SipResponseCode="200")
        else:
            await self._status_callback(self._status, {"CallDuration": str(seconds)})

    async def _status_callback(self, status: str, more: Mapping[str, str]) -> None:
        url = self._account.addresses.url(self._script.status_path)
        parameters = {**self._parameters(status), **more}
        await self._post.later(self._account.webhook("twilio.voice.status", self._sid, url, parameters))


def _document(attempt: Attempt) -> twiml.Document:
    if attempt.status is None:
        raise twiml.BadTwiml(attempt.error or "11200 no answer")
    return twiml.read(Answer(attempt.status, attempt.content_type or "", attempt.body), twiml.VOICE)


def _rejects(document: twiml.Document) -> bool:
    return bool(document.verbs) and document.verbs[0].tag == "Reject"
