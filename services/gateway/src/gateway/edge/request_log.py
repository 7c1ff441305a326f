"""One JSON line per webhook, to the console log and to a rotating file. No query strings, numbers, texts or secrets."""

import json
import logging
from dataclasses import asdict, dataclass
from datetime import datetime
from logging.handlers import RotatingFileHandler
from pathlib import Path

from chassis import logs
from chassis.masking import scrub
from chassis.settings import SettingsError

log = logs.get(__name__)

_MAX_BYTES = 10_000_000
_KEPT_FILES = 5


@dataclass(frozen=True)
class Line:
    """What is written down about a webhook."""

    provider: str
    route: str
    outcome: str
    status: int
    event_ids: tuple[str, ...]
    sid: str | None
    """The provider's id of the call, message or recording."""
    detail: str | None
    """Why it was refused, malformed or ignored: names and reasons, never values."""
    client: str | None
    milliseconds: float
    trace_id: str | None


class RequestLog:
    """Writes lines; owns the file."""

    def __init__(self, file: Path) -> None:
        """Open `file`, making its folder. Raises `SettingsError` when it cannot be written."""
        try:
            file.parent.mkdir(parents=True, exist_ok=True)
            self._handler = RotatingFileHandler(file, maxBytes=_MAX_BYTES, backupCount=_KEPT_FILES, encoding="utf-8")
        except OSError as error:
            raise SettingsError([f"WEBHOOK_LOG_FILE: {file} cannot be written ({error.strerror})"]) from error
        self._logger = logging.Logger("gateway.requests")
        self._logger.addHandler(self._handler)

    def write(self, line: Line, at: datetime) -> None:
        """Append one line."""
        known = {name: value for name, value in asdict(line).items() if value not in (None, ())}
        log.info("webhook", **known)
        plain = {name: scrub(value) if isinstance(value, str) else value for name, value in known.items()}
        self._logger.info(json.dumps({"timestamp": at.isoformat(), **plain}))

    def close(self) -> None:
        """Close the file."""
        self._handler.close()
