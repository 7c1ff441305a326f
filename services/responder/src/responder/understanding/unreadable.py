"""Texts that say nothing a person could act on: a thumb on the keys, a lone `?`, emoji that may mean anything."""

import re

from responder.understanding.reading import Reading, every

_NODS = frozenset("👍👌🙏🙌👏🤝🙂😊😀😃😄😁😆😂🤣😅😉😍🥰😘😎🤗🥳🎉🎊✨💯✅❤♥💙💚💛💜🧡💕💖🌹🌸💐")
"""Emoji that thank, agree or laugh: nobody has to read them twice."""
_SKIN = re.compile("[\U0001f3fb-\U0001f3ff\ufe0f\u200d\\s!.]")

_SHORT = every("k kk hmm mhmm mmhm pfft psst thnx thks tnks tmrw appt txts msgs appts mrng evng grrr brrr")
_KEYS = ("qwertyuiop", "asdfghjklñ", "zxcvbnm")
_RUNS = frozenset(keys[at : at + 3] for row in _KEYS for keys in (row, row[::-1]) for at in range(len(keys) - 2))
_NO_VOWELS = re.compile(r"[^aeiouy\d]{4,}")
_CROWDED = re.compile(r"[^aeiouy\d]{5,}")
"""Consonants in a row as hardly a word of either language has them; what the model takes for a topic is not asked."""


def is_unreadable(reading: Reading) -> bool:
    """Whether it has no word at all, or none but keys in a row. A nod (`👍`) is readable."""
    if not reading.words:
        marks = set(_SKIN.sub("", reading.original))
        return not marks or not marks <= _NODS
    return all(word.isdigit() or _is_mashed(word) for word in reading.words)


def _is_mashed(word: str) -> bool:
    if word in _SHORT or not word.isascii():
        return False
    return (
        len(set(word)) == 1
        or _NO_VOWELS.fullmatch(word) is not None
        or _CROWDED.search(word) is not None
        or _is_keys_in_a_row(word)
    )


def _is_keys_in_a_row(word: str) -> bool:
    """`asdf`, `lkj`, `qweasd`: every letter has its two neighbours of the keyboard beside it."""
    starts = [at for at in range(len(word) - 2) if word[at : at + 3] in _RUNS]
    return {at + step for at in starts for step in range(3)} == set(range(len(word)))
