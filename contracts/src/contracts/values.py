"""Words shared by several events."""

import re
from dataclasses import dataclass
from enum import StrEnum
from typing import Annotated, Any

from pydantic import BaseModel, Field, GetJsonSchemaHandler
from pydantic_core import CoreSchema

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

Seconds = Annotated[int | None, Field(ge=0, le=2**31 - 1, description="Seconds")]

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


Word = Annotated[str, Field(min_length=1, max_length=64)]
"""A word that this version does not know."""


EXTENSIBLE = "x-extensible-enum"
"""Keyword of our JSON Schemas: words known today, of a list that may grow."""


@dataclass(frozen=True)
class OpenTo:
    """Marks a field whose words may grow: readers take words they do not know as plain text.

    Used as `Annotated[SomeEnum | Word, Field(union_mode="left_to_right"), OpenTo(SomeEnum, "…")]`. The JSON Schema
    lists the known words under `x-extensible-enum`.
    """

    known: type[StrEnum]
    meaning: str

    def __get_pydantic_json_schema__(self, schema: CoreSchema, handler: GetJsonSchemaHandler) -> dict[str, Any]:
        """A string with the known words beside it."""
        words = [word.value for word in self.known]
        return {"description": self.meaning, "type": "string", "minLength": 1, "maxLength": 64, EXTENSIBLE: words}


OpenCategory = Annotated[
    Category | Word, Field(union_mode="left_to_right"), OpenTo(Category, "What it was understood as")
]
Language = Annotated[str | None, Field(pattern=r"^[a-z]{2,3}$", description="ISO 639", examples=["en", "es"])]
Confidence = Annotated[float | None, Field(ge=0, le=1, description="0 to 1")]


class Media(BaseModel):
    """A file that came with a message. The URL may need the provider's credentials."""

    model_config = READER

    url: Annotated[str, Field(description="Where the provider keeps it")]
    content_type: Annotated[
        str | None, Field(description="Media type, when the provider says", examples=["image/jpeg"])
    ] = None
