"""Making the files that the responder understands with: the adapter of the encoder, and the head."""

from collections.abc import Callable
from dataclasses import replace
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
from responder.understanding.training.corpus import Corpus
from responder.understanding.training.evaluating import Figures, Judged
from responder.understanding.training.fitting import Prepared, fingerprint, fit, prepared, temperature

_PACKAGE = Path(understanding.__file__).parent
ADAPTER = _PACKAGE / "encoder" / ADAPTER_FILE
HEAD = _PACKAGE / FILE

FOLDS = 5


def make_adapter(corpus: Corpus, report: Callable[[str], None]) -> None:
    """Fine-tune the encoder on the examples, without the two sets that are kept apart. Takes ten minutes."""
    from responder.understanding.training.adapting import adapt

    names = sorted({example.category.value for example in corpus.examples})
    truth = np.array([names.index(example.category.value) for example in corpus.examples])
    adapter = adapt(Encoder(), [example.text for example in corpus.examples], truth, len(names), report)
    save_adapter(adapter, ADAPTER)


def make_head(corpus: Corpus) -> None:
    """Fit the head on the examples and the validation set; the temperature is that of heads that had not seen it."""
    encoder = Encoder(load_adapter(ADAPTER))
    examples, validation = prepared(corpus.examples, encoder), prepared(corpus.validation, encoder)
    unseen = fit(examples)
    print_of = fingerprint((*corpus.examples, *corpus.validation))
    fitted = fit(joined(examples, validation), temperature=temperature(unseen, validation), corpus=print_of)
    fitted.save(HEAD)


def is_up_to_date(corpus: Corpus) -> bool:
    """Whether the head was made from these examples, with the features as they are now."""
    return Head.load(HEAD).corpus == fingerprint((*corpus.examples, *corpus.validation))


def transferred(corpus: Corpus, practice: Practice) -> Figures:
    """The validation set, classified by what was learned from the examples alone."""
    encoder = Encoder(load_adapter(ADAPTER))
    examples, validation = prepared(corpus.examples, encoder), prepared(corpus.validation, encoder)
    head = fit(examples)
    head = replace(head, temperature=temperature(head, validation))
    return Figures.of(corpus.validation, lambda text: classify(text, practice, using=head))


def validated(corpus: Corpus, practice: Practice) -> Figures:
    """Cross-validation over the validation set: each fifth is classified with a head that has not seen it.

    The adapter has seen none of it.
    """
    encoder = Encoder(load_adapter(ADAPTER))
    examples, validation = prepared(corpus.examples, encoder), prepared(corpus.validation, encoder)
    warmth = temperature(fit(examples), validation)
    judged: list[Judged] = []
    for seen, unseen in KFold(FOLDS, shuffle=True, random_state=0).split(validation.dense):
        head = fit(joined(examples, validation.rows(seen)), temperature=warmth)
        for at in unseen:
            text = corpus.validation[at]
            judged.append(Judged(text, classify(text.text, practice, using=head)))
    return Figures(tuple(judged))


def joined(one: Prepared, other: Prepared) -> Prepared:
    """Both sets of examples."""
    return Prepared(
        np.vstack([one.dense, other.dense]),
        vstack([one.hashed, other.hashed]).tocsr(),
        np.concatenate([one.categories, other.categories]),
    )
