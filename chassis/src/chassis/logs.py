"""Structured logs: one JSON object a line (or coloured text for people), every value scrubbed of patients' numbers.

Lines are formatted and written by a thread of their own, so that a console nobody reads holds up no work.
"""

import atexit
import json
import logging
import os
import select
import sys
from collections.abc import Iterator, Mapping, MutableMapping, Sequence
from contextlib import AbstractContextManager
from typing import Any

import structlog

from chassis.background import BackgroundWriter
from chassis.masking import scrub

Log = structlog.typing.FilteringBoundLogger
Line = Mapping[str, Any]

_QUIET = (
    *("asyncio", "faster_whisper", "faststream", "hpack", "httpcore", "httpx", "urllib3"),
    *("uvicorn", "uvicorn.error"),
)
"""Libraries whose ordinary lines repeat what ours say, or carry URLs."""

_PLAIN = frozenset({"timestamp", "level", "event_id", "event_ids", "service", "trace_id"})
"""Keys whose values we make ourselves and that hold no patient's number."""

_OUR_PACKAGES = frozenset({"chassis", "contracts", "gateway", "recorder", "responder", "transcriber", "nats"})
"""Whose exceptions may be quoted: their words are written for the log. NATS knows subjects, but no payloads."""

_console: "_Console | None" = None


def configure(service: str, *, level: str = "info", form: str = "json") -> None:
    """Send every log line of this process, ours and the libraries', to standard output."""
    global _console
    made_at_once: list[structlog.typing.Processor] = [
        structlog.contextvars.merge_contextvars,
        structlog.stdlib.add_log_level,
        structlog.processors.TimeStamper(fmt="iso", utc=True),
        _name_service(service),
        _summarise_exception,
    ]
    structlog.configure(
        processors=[*made_at_once, structlog.stdlib.ProcessorFormatter.wrap_for_formatter],
        wrapper_class=structlog.make_filtering_bound_logger(level),
        logger_factory=structlog.stdlib.LoggerFactory(),
        cache_logger_on_first_use=True,
    )
    _console = _Console(form, [*made_at_once, _first_line])
    _set_levels(service, level.upper())
    atexit.register(flush)


def _set_levels(service: str, level: str) -> None:
    """Libraries stay at INFO at the most: what they say at DEBUG are headers, statements and bodies."""
    root = logging.getLogger()
    root.handlers[:] = [_console] if _console else []
    root.setLevel(max(logging.INFO, logging.getLevelNamesMapping()[level]))
    for ours in ("chassis", service):
        logging.getLogger(ours).setLevel(level)
    for name in _QUIET:
        logging.getLogger(name).setLevel(logging.WARNING)


def get(name: str) -> Log:
    """A logger. Say what happened as the event, and everything else as key=value; mask numbers with `mask_number`."""
    logger: Log = structlog.get_logger(name)
    return logger


def about(**values: str | None) -> AbstractContextManager[Any]:
    """Add these to every line that is logged inside, by whomever."""
    return structlog.contextvars.bound_contextvars(**{name: value for name, value in values.items() if value})


def lines(as_json: Sequence[bytes]) -> None:
    """Write lines of level info as they are, without the processors: for what is harmless, and written often.

    Each ends with a line feed.
    """
    if _console is not None and logging.getLogger().level <= logging.INFO:
        _console.put(as_json)


def flush(seconds: float = 2.0) -> None:
    """Wait until the lines so far are on the console, but not for longer than this."""
    if _console is not None:
        _console.writer.flush(seconds)


class _Console(logging.Handler):
    """Standard output, written to by a thread."""

    def __init__(self, form: str, foreign: list[structlog.typing.Processor]) -> None:
        super().__init__()
        people = structlog.dev.ConsoleRenderer(colors=sys.stdout.isatty()) if form == "console" else None
        self._people = people
        self.setFormatter(
            structlog.stdlib.ProcessorFormatter(
                foreign_pre_chain=foreign,
                processors=[
                    structlog.stdlib.ProcessorFormatter.remove_processors_meta,
                    _scrub_values,
                    people or structlog.processors.JSONRenderer(),
                ],
            )
        )
        self.writer: BackgroundWriter[logging.LogRecord | bytes] = BackgroundWriter("console", self._write, _missing)

    def emit(self, record: logging.LogRecord) -> None:
        """Leave the record to the thread."""
        self.writer.put(record)

    def put(self, as_json: Sequence[bytes]) -> None:
        """Lines that need no processors."""
        people = self._people
        self.writer.put_all([_ended(people(None, "", json.loads(line))) for line in as_json] if people else as_json)

    def _write(self, items: list[logging.LogRecord | bytes]) -> None:
        try:
            for portion in _portions([item if isinstance(item, bytes) else self._rendered(item) for item in items]):
                _to_console(portion)
        except (OSError, ValueError):
            self.writer.drop(len(items))  # nobody will ever read it: the terminal is gone

    def _rendered(self, record: logging.LogRecord) -> bytes:
        try:
            return _ended(self.format(record))
        except Exception as error:  # one odd line must not end the log
            broken = {"level": "error", "event": "a log line is broken", "error": type(error).__name__}
            return _ended(json.dumps(broken))


def _ended(line: str | bytes) -> bytes:
    text = line if isinstance(line, bytes) else line.encode(errors="backslashreplace")
    return text + b"\n"


def _portions(lines: Sequence[bytes]) -> Iterator[bytes]:
    """The lines, as many at a time as a pipe takes in one piece: other processes may write to the same one."""
    first, size = 0, 0
    for number, line in enumerate(lines):
        if size and size + len(line) > select.PIPE_BUF:
            yield b"".join(lines[first:number])
            first, size = number, 0
        size += len(line)
    if size:
        yield b"".join(lines[first:])


def _missing(lines: int) -> bytes:
    event = "log lines were dropped: nobody took them in time"
    return _ended(json.dumps({"level": "error", "event": event, "lines": lines}))


def _name_service(service: str) -> structlog.typing.Processor:
    def add(_: Any, __: str, line: MutableMapping[str, Any]) -> Line:
        line.setdefault("service", service)
        return line

    return add


def _summarise_exception(_: Any, __: str, line: MutableMapping[str, Any]) -> Line:
    """An exception becomes its type, place and, if they are ours, words. Others' words may be a patient's."""
    info = line.pop("exc_info", None)
    if info is True:
        info = sys.exc_info()
    error = info[1] if isinstance(info, tuple) else info
    if isinstance(error, BaseException):
        kind = type(error)
        quotable = kind.__module__.partition(".")[0] in _OUR_PACKAGES or isinstance(error, OSError)
        line["error"] = f"{kind.__name__}: {error}" if quotable else kind.__name__
        line["where"] = _innermost(error)
    return line


def _innermost(error: BaseException) -> str:
    frame = error.__traceback__
    while frame is not None and frame.tb_next is not None:
        frame = frame.tb_next
    return f"{frame.tb_frame.f_code.co_filename.rpartition('/')[2]}:{frame.tb_lineno}" if frame else ""


def _first_line(_: Any, __: str, line: MutableMapping[str, Any]) -> Line:
    """Of what a library says: asyncio, for one, appends tasks with their arguments and exceptions with their words."""
    line["event"] = str(line.get("event", "")).partition("\n")[0]
    return line


def _scrub_values(_: Any, __: str, line: MutableMapping[str, Any]) -> Line:
    for key, value in line.items():
        if key not in _PLAIN and not key.startswith("_"):
            line[key] = _scrubbed(value)
    return line


def _scrubbed(value: Any) -> Any:
    if isinstance(value, str):
        return scrub(value)
    if isinstance(value, Mapping):
        return {key: _scrubbed(item) for key, item in value.items()}
    if isinstance(value, list | tuple):
        return [_scrubbed(item) for item in value]
    return value


def _to_console(left: bytes) -> None:
    """Past the buffer of `sys.stdout`: a thread that holds it while nobody reads would abort the interpreter's end."""
    try:
        console = sys.stdout.fileno()
    except (OSError, ValueError):  # replaced by something that is no file
        sys.stdout.write(left.decode())
        sys.stdout.flush()
        return
    while left:
        left = left[os.write(console, left) :]
