"""A text as it goes out: how it is encoded, how long that makes it, and what it takes on the air."""

import unicodedata
from dataclasses import dataclass
from typing import Literal

from responder import gsm7

LONGEST = 160
"""Characters. VoIP.ms refuses more (`sms_toolong`) and splits nothing (VoIP.ms API docs: "sendSMS"); Twilio would, but
a reply must be able to leave by either of them."""

Encoding = Literal["GSM-7", "UCS-2"]

_ALONE: dict[Encoding, int] = {"GSM-7": 160, "UCS-2": 70}
_JOINED: dict[Encoding, int] = {"GSM-7": 153, "UCS-2": 67}
"""Of each part when there are several: the rest says how they belong together (3GPP TS 23.040, "Concatenated Short
Messages")."""


@dataclass(frozen=True)
class Size:
    """What a text takes. `length` counts septets in GSM-7 and 16-bit units in UCS-2."""

    encoding: Encoding
    length: int
    segments: int


def as_sent(text: str) -> str:
    """`text` as we send it: in GSM-7 when that can be done without losing a word, else exactly as it is written.

    So Spanish fits one message without its á, and a language with other letters keeps all of its own.
    """
    plain = gsm7.written(text)
    return text if gsm7.foreign(plain) else plain


def size(text: str) -> Size:
    """The size of a text that is sent exactly like this."""
    if gsm7.foreign(text):
        units = [len(character.encode("utf-16-le")) // 2 for character in text]
        return Size("UCS-2", sum(units), _segments("UCS-2", units))
    units = [gsm7.length(character) for character in text]
    return Size("GSM-7", sum(units), _segments("GSM-7", units))


def _segments(encoding: Encoding, units: list[int]) -> int:
    """How many parts carry characters of these sizes; none is cut in two."""
    if sum(units) <= _ALONE[encoding]:
        return 1
    segments, left = 1, _JOINED[encoding]
    for unit in units:
        if unit > left:
            segments, left = segments + 1, _JOINED[encoding]
        left -= unit
    return segments


def problem(text: str) -> str | None:
    """Why `text`, which `as_sent` made, should not be sent; None when it can be.

    Letters of another alphabet are a language; a pictogram in a text that is plain otherwise is an oversight that would
    make one message three.
    """
    lacking = gsm7.foreign(gsm7.written(text))
    if lacking and not any(unicodedata.category(character).startswith("L") for character in lacking):
        return f"has characters that a plain text message cannot carry: {' '.join(lacking)}"
    if (length := size(text).length) > LONGEST:
        return f"is {length} characters long once filled; {LONGEST} fit a text message"
    return None
