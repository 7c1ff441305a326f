"""Structured logs: one JSON object a line (or coloured text for people), every value scrubbed of patients' numbers."""

import logging
import sys
from collections.abc import Mapping, MutableMapping
from typing import Any

import structlog

from chassis.masking import scrub

Log = structlog.typing.FilteringBoundLogger

_QUIET = ("httpx", "httpcore", "uvicorn", "uvicorn.error", "faststream", "hpack", "asyncio", "faster_whisper")
"""Libraries whose ordinary lines repeat what ours say, or carry URLs."""

_PLAIN = frozenset({"timestamp", "level", "event", "service", "event_id", "trace_id"})
"""Keys whose values we make ourselves and that hold no patient's number."""


def configure(service: str, *, level: str = "info", form: str = "json") -> None:
    """Send every log line of this process, ours and the libraries', to standard output."""
    shared: list[structlog.typing.Processor] = [
        structlog.contextvars.merge_contextvars,
        structlog.stdlib.add_log_level,
        structlog.processors.TimeStamper(fmt="iso", utc=True),
        _name_service(service),
        _summarise_exception,
        _scrub_values,
    ]
    renderer: structlog.typing.Processor = (
        structlog.processors.JSONRenderer()
        if form == "json"
        else structlog.dev.ConsoleRenderer(colors=sys.stdout.isatty())
    )
    structlog.configure(
        processors=[*shared, structlog.stdlib.ProcessorFormatter.wrap_for_formatter],
        wrapper_class=structlog.make_filtering_bound_logger(level),
        logger_factory=structlog.stdlib.LoggerFactory(),
        cache_logger_on_first_use=True,
    )
    handler = logging.StreamHandler(sys.stdout)
    handler.setFormatter(
        structlog.stdlib.ProcessorFormatter(
            foreign_pre_chain=shared,
            processors=[structlog.stdlib.ProcessorFormatter.remove_processors_meta, renderer],
        )
    )
    root = logging.getLogger()
    root.handlers[:] = [handler]
    root.setLevel(level.upper())
    for name in _QUIET:
        logging.getLogger(name).setLevel(logging.WARNING)


def get(name: str) -> Log:
    """A logger. Say what happened as the event, and everything else as key=value; mask numbers with `mask_number`."""
    logger: Log = structlog.get_logger(name)
    return logger


def _name_service(service: str) -> structlog.typing.Processor:
    def add(_: Any, __: str, line: MutableMapping[str, Any]) -> Mapping[str, Any]:
        line.setdefault("service", service)
        return line

    return add


def _summarise_exception(_: Any, __: str, line: MutableMapping[str, Any]) -> Mapping[str, Any]:
    """An exception becomes its type, words and place. Frames' variables and chained inputs may hold patients' words."""
    info = line.pop("exc_info", None)
    if info is True:
        info = sys.exc_info()
    error = info[1] if isinstance(info, tuple) else info
    if isinstance(error, BaseException):
        line["error"] = f"{type(error).__name__}: {error}"
        line["where"] = _innermost(error)
    return line


def _innermost(error: BaseException) -> str:
    frame = error.__traceback__
    while frame is not None and frame.tb_next is not None:
        frame = frame.tb_next
    return f"{frame.tb_frame.f_code.co_filename.rpartition('/')[2]}:{frame.tb_lineno}" if frame else ""


def _scrub_values(_: Any, __: str, line: MutableMapping[str, Any]) -> Mapping[str, Any]:
    for key, value in line.items():
        if key == "event" and isinstance(value, str):
            line[key] = scrub(value)
        elif key not in _PLAIN and not key.startswith("_"):
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
