"""What lists can be narrowed to. Every value is checked before the database sees it."""

from typing import Annotated, Any, Literal

import phonenumbers
from pydantic import AfterValidator, AwareDatetime, BaseModel, ConfigDict, Field

HOME = "US"
"""Where numbers without a country code are from."""


def readable(text: str) -> str:
    """Text that the database takes. Raises `ValueError` for what is none."""
    if any(letter == "\0" or 0xD800 <= ord(letter) < 0xE000 for letter in text):
        raise ValueError("has a character that is none")
    return text


def _plain(text: str) -> str:
    if any(ord(letter) < 32 for letter in text):
        raise ValueError("has a control character")
    return readable(text)


def e164(number: str) -> str:
    """A number as rows hold it. Raises `ValueError` when it is no phone number; short codes stay."""
    if number.isascii() and number.isdigit() and 3 <= len(number) <= 6:
        return number
    try:
        # a plus sign that was not encoded in a URL arrives as a space
        parsed = phonenumbers.parse(f"+{number[1:]}" if number.startswith(" ") else number, HOME)
    except phonenumbers.NumberParseException as error:
        raise ValueError("is not a phone number") from error
    if not phonenumbers.is_possible_number(parsed):
        raise ValueError("is not a phone number")
    return phonenumbers.format_number(parsed, phonenumbers.PhoneNumberFormat.E164)


Plain = Annotated[str, Field(max_length=256), AfterValidator(_plain)]
Number = Annotated[str, Field(min_length=1, max_length=40), AfterValidator(_plain), AfterValidator(e164)]
Since = Annotated[AwareDatetime | None, Field(description="From here on (RFC 3339, with zone)")]
Until = Annotated[AwareDatetime | None, Field(description="Before this (RFC 3339, with zone)")]
Direction = Literal["inbound", "outbound"]


class CallFilter(BaseModel):
    """Which calls."""

    model_config = ConfigDict(frozen=True)

    since: Since = None
    until: Until = None
    number: Annotated[Number | None, Field(description="Either party's; any usual way of writing it")] = None
    outcome: Literal["answered", "voicemail", "missed", "ongoing", "outbound"] | None = None
    provider: Annotated[Plain | None, Field(description="twilio or voipms")] = None
    direction: Direction | None = None
    recorded: Annotated[bool | None, Field(description="Whether there is a recording")] = None

    def wanted(self) -> dict[str, Any]:
        """What is asked for, as the database functions take it."""
        return self.model_dump(mode="json", exclude_none=True, include=set(CallFilter.model_fields))


class MessageFilter(BaseModel):
    """Which texts."""

    model_config = ConfigDict(frozen=True)

    since: Since = None
    until: Until = None
    conversation: Annotated[Plain | None, Field(description="conversation_id of a thread")] = None
    category: Plain | None = None
    status: Plain | None = None
    provider: Annotated[Plain | None, Field(description="twilio or voipms")] = None
    direction: Direction | None = None

    def wanted(self) -> dict[str, Any]:
        """What is asked for, as the database functions take it."""
        return self.model_dump(mode="json", exclude_none=True, include=set(MessageFilter.model_fields))
