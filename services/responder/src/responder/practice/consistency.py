"""Whether the sections of a practice file fit each other. Pure. Texts are checked by `responder.replies`."""

from collections.abc import Iterator
from itertools import pairwise

from responder.practice.errors import Place
from responder.practice.model import Practice
from responder.practice.phrases import BUILT_IN


def problems(practice: Practice) -> list[tuple[Place, str]]:
    """What is missing or contradicts itself, each with its place."""
    return [*_languages(practice), *_missed_calls(practice), *_special_days(practice)]


def _languages(practice: Practice) -> Iterator[tuple[Place, str]]:
    own = practice.practice.language
    if own not in practice.replies:
        yield ("practice", "language"), f"there is no [replies.{own}]"
    for language in practice.replies:
        if language not in practice.phrases and language not in BUILT_IN:
            yield ("replies", language), f"there is no [phrases.{language}], which tells how times are said"


def _missed_calls(practice: Practice) -> Iterator[tuple[Place, str]]:
    own, missed = practice.practice.language, practice.missed_calls
    if missed.text_back and own not in missed.texts:
        yield ("missed_calls", "texts"), f"text_back is on, but nothing is written in the practice's language ({own})"
    for language in missed.texts:
        if language not in practice.replies:
            yield ("missed_calls", "texts", language), f"there is no [replies.{language}]"
    for language in missed.after_hours:
        if language not in missed.texts:
            yield (
                ("missed_calls", "after_hours", language),
                f"there is no text for other hours, missed_calls.texts.{language}",
            )


def _special_days(practice: Practice) -> Iterator[tuple[Place, str]]:
    numbered = sorted(enumerate(practice.special_days), key=lambda one: one[1].days().first)
    for (_, earlier), (position, later) in pairwise(numbered):
        if later.days().first <= earlier.days().last:
            yield ("special_days", position), f'shares {later.days().first} with the special day "{earlier.reason}"'
