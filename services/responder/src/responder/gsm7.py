"""How long a text is on the air: GSM 03.38, the alphabet in which 160 characters fit one message."""

BASIC = frozenset(
    "@£$¥èéùìòÇ\nØø\rÅåΔ_ΦΓΛΩΠΨΣΘΞÆæßÉ !\"#¤%&'()*+,-./0123456789:;<=>?"
    "¡ABCDEFGHIJKLMNOPQRSTUVWXYZÄÖÑÜ§¿abcdefghijklmnopqrstuvwxyzäöñüà"
)
EXTENDED = frozenset("^{}\\[~]|€\f")
"""Each of these is sent as two characters."""

ONE_MESSAGE = 160
"""Characters. VoIP.ms refuses anything longer (`sms_toolong`); Twilio would send and bill several parts."""


def foreign(text: str) -> str:
    """The characters of `text` that the alphabet lacks: a single one shrinks a message to 70 characters."""
    return "".join(sorted(set(text) - BASIC - EXTENDED))


def length(text: str) -> int:
    """Characters of `text` as they are sent."""
    return len(text) + sum(character in EXTENDED for character in text)
