"""Making the files that the responder understands with: the adapter of the encoder, and the head."""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace
from functools import lru_cache
from pathlib import Path

import numpy as np
from scipy.sparse import vstack
from sklearn.model_selection import KFold

from responder import understanding
from responder.practice.model import Practice
from responder.understanding import classify
from responder.understanding.encoder import Encoder
from responder.understanding.encoder.e5 import ADAPTER_FILE, load_adapter, save_adapter
from responder.understanding.head import FILE, Head
from responder.understanding.training.corpus import Corpus, Example
from responder.understanding.training.evaluating import Figures, Judged
from responder.understanding.training.fitting import Chosen, Prepared, fingerprint, fit, prepared, temperature
from responder.understanding.training.grouping import families

_PACKAGE = Path(understanding.__file__).parent
ADAPTER = _PACKAGE / "encoder" / ADAPTER_FILE
HEAD = _PACKAGE / FILE

FOLDS = 5
SEED = 1


def make_adapter(corpus: Corpus, report: Callable[[str], None]) -> None:
    """Fine-tune the encoder on the examples, without the sets that are kept apart. Takes ten minutes."""
    from responder.understanding.training.adapting import adapt

    names = sorted({example.category.value for example in corpus.examples})
    truth = np.array([names.index(example.category.value) for example in corpus.examples])
    adapter = adapt(Encoder(), [example.text for example in corpus.examples], truth, len(names), report)
    save_adapter(adapter, ADAPTER)


def make_head(corpus: Corpus) -> None:
    """Fit the head on the examples and the validation set; the temperature is that of folds unseen by their heads."""
    examples, validation = _prepared(corpus)
    warmth = temperature([(head, examples.rows(unseen)) for head, unseen in _folds(corpus, examples, validation)])
    print_of = fingerprint((*corpus.examples, *corpus.validation))
    fit(joined(examples, validation), temperature=warmth, corpus=print_of).save(HEAD)


def is_up_to_date(corpus: Corpus) -> bool:
    """Whether the head was made from these examples, with the features as they are now."""
    return Head.load(HEAD).corpus == fingerprint((*corpus.examples, *corpus.validation))


def transferred(corpus: Corpus, practice: Practice) -> Figures:
    """The validation set, classified by what was learned from the examples alone."""
    head = fit(_prepared(corpus)[0], temperature=_warmth())
    return Figures.of(corpus.validation, lambda text: classify(text, practice, using=head))


def validated(corpus: Corpus, practice: Practice) -> Figures:
    """Cross-validation over the validation set: each fifth is classified with a head that has not seen it.

    The adapter has seen none of it.
    """
    examples, validation = _prepared(corpus)
    judged: list[Judged] = []
    for seen, unseen in KFold(FOLDS, shuffle=True, random_state=0).split(validation.dense):
        head = fit(joined(examples, validation.rows(seen)), temperature=_warmth())
        judged += _judged([corpus.validation[at] for at in unseen], practice, head)
    return Figures(tuple(judged))


def crossed(corpus: Corpus, practice: Practice) -> Figures:
    """Cross-validation over the examples that the adapter has not seen, by families of texts that are alike."""
    examples, validation = _prepared(corpus)
    judged: list[Judged] = []
    for head, unseen in _folds(corpus, examples, validation):
        head = replace(head, temperature=_warmth())
        judged += _judged([corpus.examples[at] for at in unseen], practice, head)
    return Figures(tuple(judged))


@lru_cache(maxsize=1)
def _prepared(corpus: Corpus) -> tuple[Prepared, Prepared]:
    """The examples and the validation set; embedding them takes half a minute, so it is done once."""
    encoder = Encoder(load_adapter(ADAPTER))
    return prepared(corpus.examples, encoder), prepared(corpus.validation, encoder)


def _folds(corpus: Corpus, examples: Prepared, validation: Prepared) -> Iterator[tuple[Head, Chosen]]:
    """Heads, each with the examples that came after the adapter and that it knows none of the family of."""
    fold_of = np.random.default_rng(SEED).integers(0, FOLDS, len(examples.categories))[families(corpus.examples)]
    is_later = np.arange(len(fold_of)) >= len(fold_of) - corpus.since_adapter
    for fold in range(FOLDS):
        seen = examples.rows(np.flatnonzero(fold_of != fold))
        yield fit(joined(seen, validation)), np.flatnonzero((fold_of == fold) & is_later)


def _judged(examples: Sequence[Example], practice: Practice, head: Head) -> list[Judged]:
    return [Judged(example, classify(example.text, practice, using=head)) for example in examples]


def _warmth() -> float:
    return Head.load(HEAD).temperature


def joined(one: Prepared, other: Prepared) -> Prepared:
    """Both sets of examples."""
    return Prepared(
        np.vstack([one.dense, other.dense]),
        vstack([one.hashed, other.hashed]).tocsr(),
        np.concatenate([one.categories, other.categories]),
    )
