"""`frontdesk understanding`: making what the responder understands with, and measuring it."""

import time
from collections.abc import Iterator
from importlib.util import find_spec
from pathlib import Path
from statistics import median, quantiles

import click

from responder.practice.loading import example

CORPUS = Path("services/responder/corpus")


@click.group()
def understanding() -> None:
    """What the responder understands with: made from the examples in services/responder/corpus."""


@understanding.command("train")
@click.option("--adapter", is_flag=True, help="Fine-tune the encoder as well; takes ten minutes.")
def train(*, adapter: bool) -> None:
    """Fit the head to the examples; needed after any change to them or to the features."""
    from responder.understanding.training import making
    from responder.understanding.training.corpus import read

    corpus = read(CORPUS)
    if adapter:
        if find_spec("jax") is None:
            raise click.ClickException("--adapter needs JAX: .venv/bin/uv pip install --python .venv/bin/python jax")
        making.make_adapter(corpus, click.echo)
    making.make_head(corpus)
    click.echo(f"{making.HEAD}: made from {len(corpus.examples) + len(corpus.validation)} examples")


@understanding.command("check")
def check() -> None:
    """Fail when the head was made from other examples or features than those of today."""
    from responder.understanding.training import making
    from responder.understanding.training.corpus import read

    if not making.is_up_to_date(read(CORPUS)):
        raise click.ClickException(f"{making.HEAD}: out of date; run 'frontdesk understanding train'")


@understanding.command("evaluate")
@click.option("--mistakes", is_flag=True, help="List the texts that were misunderstood in the folds of the corpus.")
def evaluate(*, mistakes: bool) -> None:
    """Print accuracy, confusion, calibration and speed, over texts that were not learned from, as Markdown."""
    click.echo("\n".join(_report(mistakes=mistakes)))


def _report(*, mistakes: bool) -> Iterator[str]:
    from responder.understanding import Understanding, classify
    from responder.understanding.training import evaluating, making
    from responder.understanding.training.corpus import read

    corpus, practice = read(CORPUS), example()
    transferred, validated = making.transferred(corpus, practice), making.validated(corpus, practice)
    crossed = making.crossed(corpus, practice)
    took: list[float] = []

    def timed(text: str) -> Understanding:
        started = time.perf_counter()
        understood = classify(text, practice)
        took.append((time.perf_counter() - started) * 1000)
        return understood

    timed("the first text waits for the model")
    took.clear()
    held_out = evaluating.Figures.of(corpus.holdout, timed)
    second = evaluating.Figures.of(corpus.second_holdout, timed)
    sets = (
        ("Corpus, in five folds by family", crossed),
        ("Validation set, learned from the corpus alone", transferred),
        ("Validation set, in five folds", validated),
        ("Holdout", held_out),
        ("Second holdout", second),
    )
    for title, figures in sets:
        yield f"\n### {title}\n"
        yield from evaluating.summary(figures)
        yield ""
        yield from evaluating.confusion(figures)
        yield ""
        yield from evaluating.calibration(figures)
        yield f"\nExpected calibration error: {figures.calibration_error:.1%}."
    yield f"\nA text takes {median(took):.1f} ms, and {quantiles(took, n=20)[-1]:.1f} ms at the 95th percentile."
    if mistakes:
        yield "\n### Mistakes in the corpus\n"
        yield from (f"- {line}" for line in evaluating.mistakes(crossed))
