"""Words shared by several events."""

import re
from enum import StrEnum
from typing import Annotated

from pydantic import BaseModel, Field

from contracts.envelope import READER

PhoneNumber = Annotated[
    str,
    Field(
        min_length=1,
        max_length=128,
        description="E.164 where it can be, otherwise as received (short codes, `anonymous`, `client:…`, SIP URIs)",
        examples=["+12125550123"],
    ),
]

Metadata = Annotated[
    dict[str, str], Field(default_factory=dict, description="The provider's other parameters, as received")
]

_E164 = re.compile(r"\+[1-9]\d{6,14}")


def is_e164(number: str) -> bool:
    """Whether `number` is a full international number, not a short code, a name or a SIP URI."""
    return _E164.fullmatch(number) is not None


class Direction(StrEnum):
    """Seen from the practice."""

    INBOUND = "inbound"
    OUTBOUND = "outbound"


class Category(StrEnum):
    """What a patient's text is about; `none` gets the default reply."""

    EMERGENCY = "emergency"
    APPOINTMENT = "appointment"
    HOURS = "hours"
    LOCATION = "location"
    INSURANCE = "insurance"
    OPT_OUT = "opt_out"
    OPT_IN = "opt_in"
    HELP = "help"
    NONE = "none"


class Media(BaseModel):
    """A file that came with a message. The URL may need the provider's credentials."""

    model_config = READER

    url: str
    content_type: str | None = None
