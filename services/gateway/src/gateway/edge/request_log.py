"""One JSON line per webhook, to the console log and to a rotating file. No query strings, numbers, texts or secrets.

A webhook only queues its line; a thread writes it. While the disk is full or the file cannot be opened, lines wait in
memory. What is too much for it is dropped and counted, and the file says how many are missing.
"""

import json
from collections.abc import Sequence
from datetime import UTC, datetime
from functools import lru_cache
from json.encoder import encode_basestring_ascii as _quoted
from pathlib import Path
from typing import Any, NamedTuple

from pydantic import TypeAdapter

from chassis import logs
from chassis.background import BackgroundWriter
from chassis.masking import mask_id, scrub
from chassis.metrics import LOG_LINES_DROPPED, LOG_WRITE_FAILED
from chassis.settings import SettingsError
from gateway.edge.log_file import LogFile

log = logs.get(__name__)

NAME = "webhook.log"
"""The metrics' label."""
CLOSE_SECONDS = 1.0
_TIMES = TypeAdapter(datetime).serializer
MOST_TOGETHER = 500
"""Lines in one write."""


class Line(NamedTuple):
    """What is written down about a webhook."""

    provider: str | None
    route: str | None
    """None for both when we have no such route."""
    outcome: str
    status: int | None
    """None when it was not answered."""
    event_ids: Sequence[str]
    sid: str | None
    """The provider's id of the call, message or recording."""
    detail: str | None
    """Why it was refused, malformed or ignored: names and reasons, never values."""
    client: str | None
    milliseconds: float
    """From the end of the request's headers until its answer was made, so with body, check and storing."""
    trace_id: str | None

    def as_json(self, at: datetime) -> str:
        """As it is logged, without what is not known. Only `sid`, `detail` and `client` come from outside.

        Written out here, since everything else is words and numbers of our own that need no escaping: json.dumps of a
        dictionary takes five times as long, for every webhook.
        """
        provider, route, outcome, status, event_ids, sid, detail, client, milliseconds, trace_id = self
        ids = '", "'.join(event_ids)
        ids = f', "event_ids": ["{ids}"]' if ids else ""
        sid = f', "sid": {_quoted(mask_id(sid))}' if sid else ""
        detail = f', "detail": {_quoted(scrub(detail))}' if detail else ""
        client = f', "client": {_quoted(client)}' if client else ""
        trace = f', "trace_id": "{trace_id}"' if trace_id else ""
        return (
            f'{{"timestamp": "{_isoformat(at)}", "level": "info", "event": "webhook", "service": "gateway"'
            f"{_kind(provider, route, outcome, status)}{ids}{sid}{detail}{client}"
            f', "milliseconds": {milliseconds:.1f}{trace}}}'
        )


def _isoformat(at: datetime) -> str:
    """`at.isoformat()` of a time in UTC, which takes three times as long."""
    written: str = _TIMES.to_python(at, mode="json")
    return written.replace("Z", "+00:00")


@lru_cache(maxsize=1_000)
def _kind(provider: str | None, route: str | None, outcome: str, status: int | None) -> str:
    """What few different things are said about."""
    where = f', "provider": "{provider}", "route": "{route}"' if provider else ""
    return f'{where}, "outcome": "{outcome}"' + (f', "status": {status}' if status else "")


Item = tuple[Line, datetime] | dict[str, Any]
"""A webhook's line, or one of our own about the log."""


class RequestLog:
    """Takes lines from webhooks; owns the file."""

    def __init__(self, file: Path, *, limit: int = 10_000) -> None:
        """Open `file`, making its folder; at most `limit` lines wait. Raises `SettingsError` when it cannot be made."""
        try:
            self._file = LogFile(file)
        except OSError as error:
            raise SettingsError([f"WEBHOOK_LOG_FILE: {file} cannot be written ({error.strerror})"]) from error
        self._limit = limit
        self._waiting: list[bytes] = []
        self._failing = False
        self._lost = 0
        self._writer: BackgroundWriter[Item] = BackgroundWriter(NAME, self._write, _missing, limit=limit)

    def write(self, line: Line, at: datetime) -> None:
        """Have one line appended; never waits, never raises."""
        self._writer.put((line, at))

    def flush(self, seconds: float) -> bool:
        """Wait until the lines so far are where they can be now; False when that took longer than `seconds`."""
        return self._writer.flush(seconds)

    def close(self) -> None:
        """Write what waits, and close the file; a disk that hangs is left alone."""
        if self._writer.flush(CLOSE_SECONDS):
            self._append()
            self._file.close()
        if self._waiting:
            log.error("webhooks are missing from the request log", lines=len(self._waiting))

    def _write(self, items: list[Item]) -> None:
        """On the writer's thread: to the console now, to the file as soon as it can be written."""
        lines = [_rendered(item) for item in items]
        logs.lines(lines)
        self._waiting += lines
        too_many = len(self._waiting) - self._limit
        if too_many > 0:
            del self._waiting[:too_many]
            self._lost += too_many
            LOG_LINES_DROPPED.labels(NAME).inc(too_many)
        self._append()

    def _append(self) -> None:
        while self._waiting or self._lost:
            missing = [f"{json.dumps(_missing(self._lost))}\n".encode()] if self._lost else []
            try:
                written = self._file.append([*missing, *self._waiting[:MOST_TOGETHER]])
            except OSError as error:
                self._failed(error)
                return
            if missing and written:
                self._lost = 0
                written -= 1
            del self._waiting[:written]
        if self._failing:
            self._failing = False
            log.info("the request log is written again")

    def _failed(self, error: OSError) -> None:
        """Say so once; the next webhook tries again."""
        LOG_WRITE_FAILED.labels(NAME).inc()
        if not self._failing:
            self._failing = True
            log.error("the request log cannot be written; its lines wait in memory", reason=error.strerror)


def _rendered(item: Item) -> bytes:
    line = json.dumps(item) if isinstance(item, dict) else item[0].as_json(item[1])
    return f"{line}\n".encode()


def _missing(lines: int) -> dict[str, Any]:
    now = datetime.now(UTC).isoformat()
    event = "webhooks are missing from the request log: it could not be written in time"
    return {"timestamp": now, "level": "error", "event": event, "service": "gateway", "lines": lines}
