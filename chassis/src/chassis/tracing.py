"""W3C Trace Context: one trace from the webhook to its last effect."""

import secrets


def new_traceparent() -> str:
    """A new trace, sampled."""
    return f"00-{secrets.token_hex(16)}-{secrets.token_hex(8)}-01"


def child_of(traceparent: str | None) -> str:
    """A new span in the same trace; a new trace when there is none."""
    if traceparent is None:
        return new_traceparent()
    version, trace, _, flags = traceparent.split("-")
    return f"{version}-{trace}-{secrets.token_hex(8)}-{flags}"


def trace_id(traceparent: str | None) -> str | None:
    """The part that all spans of a trace share."""
    return traceparent.split("-")[1] if traceparent else None
