"""What patients, providers and accidents put into text fields: realistic first, then nasty."""

from hypothesis import strategies as st

LONG = 5_000
"""Characters of a long text where the contracts set no limit."""

NUMBERS = (
    "+12125550123",
    "+12125550100",
    "+442071838750",
    "26266",
    "anonymous",
    "client:front-desk",
    "sip:desk@example.org:5060;transport=tls",
    "00 1 212 555-0123",
)

TEXTS = (
    "Can I move my cleaning to Thursday?",
    "STOP",
    "my tooth is bleeding and wont stop, please help!!",
    "¿Está abierto mañana? 你好 مرحبا שלום ☺ 👩‍👩‍👧‍👦",
    "",
    " ",
    "null",
    "\\",
    "\r\n.\r\n",
    '"}],"data":{"provider":"twilio"}}',
    "'; drop table phone_calls; --",
    "<script>alert(1)</script>",
    "a\u0000b\u2028\ufeff\u202e",
    "e\u0301\ud7ff\uffff\U0010ffff",
)


def texts(least: int, most: int | None) -> st.SearchStrategy[str]:
    """Texts of `least` to `most` characters (None: no limit)."""
    limit = LONG if most is None else most
    fitting = [text for text in TEXTS if least <= len(text) <= limit]
    kinds = [st.text(min_size=least, max_size=max(least, min(limit, 40))), _long(limit)]
    return st.one_of(st.sampled_from(fitting), *kinds) if fitting else st.one_of(*kinds)


def numbers(least: int, most: int | None) -> st.SearchStrategy[str]:
    """Phone numbers as providers write them, and the strange things that come in their place."""
    return st.one_of(st.sampled_from(NUMBERS), texts(least, most))


def _long(limit: int) -> st.SearchStrategy[str]:
    """As long as allowed, in letters of one to four bytes."""
    return st.sampled_from("aé☺👩").map(lambda letter: letter * limit)
