"""What a row says in a code word, said as a person at the front desk would. Unknown words are shown as they are."""

from typing import Literal

Tone = Literal["urgent", "warn", "good", "calm"]
"""How much a word wants to be noticed; the stylesheet gives each a colour, the words always say it too."""

OUTCOMES: dict[str, str] = {
    "answered": "Answered",
    "voicemail": "Voicemail",
    "missed": "Missed",
    "ongoing": "Ongoing",
    "outbound": "Called by us",
}
OUTCOME_TONES: dict[str, Tone] = {"answered": "good", "voicemail": "warn", "missed": "urgent"}

CATEGORIES: dict[str, str] = {
    "emergency": "Emergency",
    "appointment": "Appointment",
    "hours": "Opening hours",
    "location": "Location",
    "insurance": "Insurance",
    "opt_out": "Wants no more texts",
    "opt_in": "Wants texts again",
    "help": "Asks for help",
    "none": "Not understood",
}

SILENCES: dict[str, str] = {
    "opted_out": "this number asked for no more texts",
    "provider_answers": "the phone company answers this word itself",
    "already_confirmed": "it was confirmed before",
    "not_a_phone": "the sender is not a phone that can be answered",
    "own_number": "it came from one of the practice's own numbers",
    "unknown_outcome": "nobody knows whether the reply went out, so it was not sent twice",
    "rejected": "the phone company refused the reply",
    "no_sender": "no account is set up for the number that was texted",
    "too_old": "the text had waited so long that an answer would confuse",
    "auto_reply": "a machine wrote it",
    "cooldown": "this number got the same answer a short while ago",
    "sender_budget": "this number got as many automatic texts as it may get in a while",
    "daily_cap": "the practice reached its limit of automatic texts for the day",
    "switched_off": "the practice switched this kind of text off",
    "quiet_hours": "nobody is texted at this hour",
    "landline": "the number cannot take texts",
}

ALERTS: dict[str, str] = {
    "emergency_text": "Emergency by text",
    "emergency_call": "Emergency by phone",
    "emergency_voicemail": "Emergency in a voicemail",
    "reply_unknown": "A reply may not have arrived",
}

NO_TRANSCRIPT: dict[str, str] = {
    "not_found": "the provider does not have the recording",
    "forbidden": "the provider refused our credentials",
    "untrusted_host": "its address is not the provider's",
    "no_credentials": "no credentials are set up for this provider",
    "not_audio": "what came is not audio",
    "empty": "the recording is empty",
    "truncated": "the recording is cut off",
    "too_large": "the recording is too large",
    "too_long": "the recording is too long",
    "unavailable": "the provider did not deliver the recording",
    "engine_failed": "the transcription engine failed on it",
    "disabled": "transcription is switched off",
}

NOTICES: dict[str, str] = {"alert": "Alert to the person on call", "missed_call": "Text after a missed call"}
PROVIDERS: dict[str, str] = {"twilio": "Twilio", "voipms": "VoIP.ms"}
LANGUAGES: dict[str, str] = {"en": "English", "es": "Spanish"}

_DELIVERY: dict[str, str] = {
    "accepted": "Sending",
    "queued": "Sending",
    "scheduled": "Sending",
    "sending": "Sending",
    "sent": "Sent",
    "delivered": "Delivered",
    "read": "Read",
    "undelivered": "Not delivered",
    "failed": "Failed",
    "canceled": "Canceled",
    "suppressed": "Not sent",
}
FAILURES = frozenset({"undelivered", "failed", "canceled"})

_ERRORS: dict[str, str] = {  # Twilio docs: "Error and Warning Dictionary"
    "21408": "texts to this country are not allowed in the account",
    "21610": "this number asked for no more texts",
    "21614": "the number cannot take texts",
    "30003": "the phone is off or out of reach",
    "30004": "the number blocks texts",
    "30005": "the number does not exist",
    "30006": "the number is a landline",
    "30007": "the carrier took it for spam",
    "30008": "the carrier gave no reason",
    "30034": "the practice's number is not registered for texting",
}


def in_words(known: dict[str, str], word: str | None) -> str:
    """The entry of `known`; a word that is not in it is shown as it came, only more legible."""
    if not word:
        return ""
    return known.get(word) or word.replace("_", " ").replace("-", " ").capitalize()


def delivery(status: str | None, error_code: str | None) -> str:
    """How far a text of ours has come, and why not further."""
    said = in_words(_DELIVERY, status)
    if not error_code:
        return said
    reason = _ERRORS.get(error_code, f"error {error_code}")
    return f"{said}: {reason}" if said else reason.capitalize()


def silence(reason: str | None) -> str:
    """Why a text got no automatic reply; empty without a reason."""
    if not reason:
        return ""
    return f"No automatic reply: {SILENCES.get(reason, reason.replace('_', ' '))}"


def understood_by(rule: str | None) -> str:
    """Which rule or model understood a text: `keyword:book` is the practice's keyword."""
    if not rule:
        return ""
    kind, _, detail = rule.partition(":")
    if kind == "keyword" and detail:
        return f"keyword “{detail}”"
    return f"{kind.replace('_', ' ')} “{detail}”" if detail else kind.replace("_", " ")


def percent(share: float | None) -> str:
    """0.93 as `93 %`; empty when unknown."""
    return "" if share is None else f"{round(share * 100)} %"


def length(seconds: float | None) -> str:
    """A duration as a person says it: `45 s`, `3 min 05 s`, `1 h 02 min`; empty when unknown."""
    if seconds is None:
        return ""
    whole = round(seconds)
    if whole < 60:
        return f"{whole} s"
    if whole < 3600:
        return f"{whole // 60} min {whole % 60:02d} s"
    return f"{whole // 3600} h {whole % 3600 // 60:02d} min"


def position(seconds: float) -> str:
    """A place in a recording: `0:07`, `12:30`, `1:02:03`."""
    whole = int(seconds)
    hours, minutes = divmod(whole // 60, 60)
    return f"{hours}:{minutes:02d}:{whole % 60:02d}" if hours else f"{minutes}:{whole % 60:02d}"


def money(amount: float, unit: str | None = "USD") -> str:
    """An amount as a price list has it; providers give costs with either sign."""
    value = abs(amount)
    digits = 2 if value >= 1 or value == 0 else 4
    return f"${value:,.{digits}f}" if unit in (None, "USD") else f"{value:,.{digits}f} {unit}"


def count(number: int, one: str, many: str | None = None) -> str:
    """`1 text`, `3 texts`."""
    return f"{number:,} {one if number == 1 else many or one + 's'}"
