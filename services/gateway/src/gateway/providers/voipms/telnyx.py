"""The Telnyx-style JSON of VoIP.ms' "Webhook" setting, as the same fields that its URL templates use."""

from typing import Any

from gateway.providers.voipms.fields import flat

MESSAGE_RECEIVED = "message.received"


def is_telnyx(values: dict[str, Any]) -> bool:
    """Whether the body is such an envelope."""
    return isinstance(values.get("data"), dict)


def message_fields(values: dict[str, Any]) -> dict[str, str] | None:
    """from, to, message, id, date, media and whatever else the payload holds; None when no message arrived."""
    data = values["data"]
    if data.get("event_type") != MESSAGE_RECEIVED:
        return None
    payload = data.get("payload")
    payload = payload if isinstance(payload, dict) else {}
    recipients = payload.get("to")
    first, *others = recipients if isinstance(recipients, list) and recipients else [recipients]
    known = {
        "from": _number(payload.get("from")),
        "to": _number(first),
        "also_to": ",".join(filter(None, map(_number, others))) or None,
        "message": payload.get("text"),
        "date": payload.get("received_at"),
    }
    return flat({**{name: value for name, value in payload.items() if name not in ("text", "received_at")}, **known})


def _number(party: Any) -> str | None:
    number = party.get("phone_number") if isinstance(party, dict) else party
    return number if isinstance(number, str) else None
