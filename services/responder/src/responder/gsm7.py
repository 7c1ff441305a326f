"""GSM 03.38, the alphabet in which 160 characters fit one text message, and how to write a text in it."""

import unicodedata

BASIC = frozenset(
    "@£$¥èéùìòÇ\nØø\rÅåΔ_ΦΓΛΩΠΨΣΘΞÆæßÉ !\"#¤%&'()*+,-./0123456789:;<=>?"
    "¡ABCDEFGHIJKLMNOPQRSTUVWXYZÄÖÑÜ§¿abcdefghijklmnopqrstuvwxyzäöñüà"
)
EXTENDED = frozenset("^{}\\[~]|€\f")
"""Each of these is sent as two characters."""

_ALPHABET = BASIC | EXTENDED

_TYPOGRAPHIC = str.maketrans(
    {
        **dict.fromkeys("\u2018\u2019\u201a\u201b\u02bc\u00b4`", "'"),
        **dict.fromkeys("\u201c\u201d\u201e\u00ab\u00bb", '"'),
        **dict.fromkeys("\u2010\u2011\u2012\u2013\u2014\u2015\u2212", "-"),
        **dict.fromkeys("\u00a0\u2007\u2009\u202f\t", " "),
        "\u2026": "...",
        "\u2022": "-",
    }
)


def foreign(text: str) -> str:
    """The characters of `text` that the alphabet lacks: a single one shrinks a message to 70 characters."""
    return "".join(sorted(set(text) - _ALPHABET))


def length(text: str) -> int:
    """Characters of `text` as they are sent."""
    return len(text) + sum(character in EXTENDED for character in text)


def written(text: str) -> str:
    """`text` with what the alphabet lacks replaced where a reader does not mind: `Sí, mañana…` → `Si, mañana...`.

    Typographic characters become plain ones, and accents go that the alphabet does not have (á í ó ú; it has é ñ ü).
    What has no such replacement stays.
    """
    composed = unicodedata.normalize("NFC", text).translate(_TYPOGRAPHIC)
    return "".join(character if character in _ALPHABET else _bare(character) for character in composed)


def _bare(character: str) -> str:
    decomposed = unicodedata.normalize("NFKD", character)
    bare = "".join(part for part in decomposed if not unicodedata.combining(part))
    return bare if bare and not foreign(bare) else character
