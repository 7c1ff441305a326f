"""How good the understanding is: floors that a change must not fall through."""

from collections import Counter
from functools import cache
from pathlib import Path

import pytest

from contracts.values import Category
from responder.practice.loading import example
from responder.understanding import classify
from responder.understanding.training import making
from responder.understanding.training.corpus import Corpus, Example, read
from responder.understanding.training.evaluating import Figures, calibration, confusion, mistakes, summary
from responder.understanding.training.grouping import families

CORPUS = Path(__file__).parents[2] / "services" / "responder" / "corpus"


@cache
def corpus() -> Corpus:
    return read(CORPUS)


@cache
def understood(texts: tuple[Example, ...]) -> Figures:
    practice = example()
    return Figures.of(texts, lambda text: classify(text, practice))


def held_out() -> Figures:
    return understood(corpus().holdout)


@cache
def transferred() -> Figures:
    return making.transferred(corpus(), example())


def test_the_head_was_made_from_the_examples_and_features_of_today() -> None:
    assert making.is_up_to_date(corpus()), "run 'frontdesk understanding train'"


def test_nothing_is_both_learned_and_tested() -> None:
    tested = (corpus().validation, corpus().holdout, corpus().second_holdout)
    seen = {example.text.casefold() for example in corpus().examples}
    for texts in tested:
        mine = {example.text.casefold() for example in texts}
        assert not seen & mine
        seen |= mine


def test_texts_that_are_alike_are_never_split() -> None:
    example = corpus().examples[0]
    texts = {"do you take Humana": "a", "Do you take Humana??": "b", "me duele la muela": "c", "hola": "c"}
    one, other, pain, greeting = families(
        [example.model_copy(update={"text": text, "group": group}) for text, group in texts.items()]
    )
    assert one == other != pain == greeting


def test_no_example_has_two_categories() -> None:
    categories = {(e.text.casefold(), e.category) for e in (*corpus().examples, *corpus().validation)}
    twice = [text for text, count in Counter(text for text, _ in categories).items() if count > 1]
    assert twice == []


def test_texts_of_another_author_are_understood() -> None:
    figures = transferred()
    assert figures.accuracy >= 0.95
    assert figures.recall(Category.EMERGENCY) >= 0.98
    assert figures.precision(Category.EMERGENCY) >= 0.90


@pytest.mark.parametrize("texts", [corpus().holdout, corpus().second_holdout], ids=["holdout", "second-holdout"])
def test_texts_that_nothing_was_made_from_are_understood(texts: tuple[Example, ...]) -> None:
    figures = understood(texts)
    assert figures.accuracy >= 0.90
    assert figures.recall(Category.EMERGENCY) >= 0.93
    assert figures.precision(Category.EMERGENCY) >= 0.90


@pytest.mark.parametrize("language", ["en", "es", "mixed"])
def test_no_language_is_left_behind(language: str) -> None:
    assert held_out().of_language(language).accuracy >= 0.85


def test_confidence_is_how_often_it_is_right() -> None:
    judged = held_out().judged
    mean = sum(one.understood.confidence for one in judged) / len(judged)
    assert mean == pytest.approx(held_out().accuracy, abs=0.06)
    sure = [one for one in judged if one.understood.confidence >= 0.9]
    assert sum(one.right for one in sure) / len(sure) >= 0.93


def test_the_tables_account_for_every_text() -> None:
    figures = held_out()
    assert f"| all | {len(figures.judged)} |" in "\n".join(summary(figures))
    counted = sum(int(cell) for row in list(confusion(figures))[2:] for cell in row.split("|")[2:-2] if cell.strip())
    assert counted == sum(int(row.split("|")[2]) for row in list(calibration(figures))[2:]) == len(figures.judged)
    assert len(list(mistakes(figures))) == round((1 - figures.accuracy) * counted)
