"""Fine-tuning the upper layers of the encoder with low-rank adapters (LoRA, Hu et al. 2021).

Only the adapters are kept, half a megabyte; the encoder adds them to its weights when it loads. What the lower layers
make of a text does not change, so it is computed once.
"""

from collections.abc import Callable, Iterator, Sequence
from typing import Any

import jax
import jax.numpy as jnp
import numpy as np
import numpy.typing as npt

from responder.understanding.encoder.e5 import ADAPTED_FROM, ADAPTED_PARTS, Adapter, Encoder, Vectors
from responder.understanding.encoder.packed import Packed

RANK = 16
EPOCHS = 5
BATCH = 32
RATE, HEAD_RATE, DECAY = 6e-4, 2e-3, 0.01
SMOOTHING = 0.05
"""Share of the truth that is spread over the other categories, so that no example is learned by heart."""
DROPOUT = 0.15
SEED = 6
_LENGTHS = (16, 24, 32, 48, 64, 96, 128)
"""Texts are padded to one of these, so that few shapes have to be compiled."""

SHARPNESS = 20.0
"""What a point of length one is multiplied with, so that scores can lie far enough apart."""

Tree = Any
"""Nested dictionaries of arrays."""


def adapt(
    encoder: Encoder,
    texts: Sequence[str],
    truth: npt.NDArray[np.intp],
    categories: int,
    report: Callable[[str], None],
    epochs: int = EPOCHS,
) -> Adapter:
    """Adapters with which texts of different categories lie apart."""
    packed = Packed.open()
    layers = _layers(packed)
    pieces = [encoder.pieces(text) for text in texts]
    report("reading the texts with the lower layers")
    states = lower_states(packed, layers, pieces, encoder.kept)
    upper = layers[ADAPTED_FROM:]
    draw = np.random.default_rng(SEED)
    trained = {"adapters": [_fresh(layer, draw) for layer in upper], "head": _fresh_head(categories, draw)}
    steps = epochs * sum(1 for _ in _batches(pieces, np.random.default_rng(0)))
    step = _step(packed, upper, steps)
    moments = (jax.tree.map(jnp.zeros_like, trained), jax.tree.map(jnp.zeros_like, trained))
    taken, key = 0, jax.random.key(SEED)
    for epoch in range(epochs):
        total = 0.0
        for batch in _batches(pieces, draw):
            x, mask = _padded([states[at] for at in batch])
            key, dropping = jax.random.split(key)
            trained, moments, loss = step(trained, moments, taken, x, mask, truth[batch], dropping)
            taken, total = taken + 1, total + float(loss) * len(batch)
        report(f"epoch {epoch + 1} of {epochs}: loss {total / len(texts):.3f}")
    return _exported(trained["adapters"])


def _layers(packed: Packed) -> list[Tree]:
    width, inner = packed.shape.width, packed.shape.inner
    return [
        {
            **{
                p: (
                    jnp.array(packed.matrix(f"l{n}.{p}.w", inner if p == "fo" else width)),
                    jnp.array(packed.floats(f"l{n}.{p}.b")),
                )
                for p in ADAPTED_PARTS
            },
            **{
                p: (jnp.array(packed.floats(f"l{n}.{p}.w")), jnp.array(packed.floats(f"l{n}.{p}.b")))
                for p in ("aln", "oln")
            },
        }
        for n in range(packed.shape.layers)
    ]


def lower_states(
    packed: Packed, layers: list[Tree], pieces: Sequence[Sequence[int]], kept: npt.NDArray[np.intp]
) -> list[Vectors]:
    """What comes out of the layers below the adapted ones, one row per piece."""
    width = packed.shape.width
    words = packed.matrix("emb.word", width, kept)
    positions = packed.floats("emb.pos").reshape(-1, width) + packed.floats("emb.type").reshape(-1, width)[0]
    norm = (jnp.array(packed.floats("emb.ln.w")), jnp.array(packed.floats("emb.ln.b")))

    @jax.jit
    def run(x: jax.Array, mask: jax.Array) -> jax.Array:
        x = _norm(x, norm)
        for layer in layers[:ADAPTED_FROM]:
            x = _layer(x, mask, layer, packed.shape.heads)
        return x

    states: list[Any] = [None] * len(pieces)
    for batch in _batches(pieces, np.random.default_rng(0)):
        x, mask = _padded([words[list(pieces[at])] + positions[: len(pieces[at])] for at in batch])
        out = np.asarray(run(x, mask))
        for row, at in enumerate(batch):
            states[at] = out[row, : len(pieces[at])]
    return states


def _step(packed: Packed, upper: list[Tree], steps: int) -> Callable[..., Any]:
    heads = packed.shape.heads

    def loss(trained: Tree, x: jax.Array, mask: jax.Array, truth: jax.Array, key: jax.Array) -> jax.Array:
        for layer, adapter in zip(upper, trained["adapters"], strict=True):
            x = _layer(x, mask, _merged(layer, adapter), heads)
        mean = (x * mask[..., None]).sum(1) / mask.sum(1, keepdims=True)
        point = mean / jnp.linalg.norm(mean, axis=1, keepdims=True)
        kept = jax.random.bernoulli(key, 1 - DROPOUT, point.shape) / (1 - DROPOUT)
        scores = SHARPNESS * (point * kept) @ trained["head"]["w"] + trained["head"]["b"]
        wanted = jax.nn.one_hot(truth, scores.shape[1]) * (1 - SMOOTHING) + SMOOTHING / scores.shape[1]
        surprise: jax.Array = -(wanted * jax.nn.log_softmax(scores)).sum(1).mean()
        return surprise

    @jax.jit
    def step(
        trained: Tree, moments: Any, taken: int, x: jax.Array, mask: jax.Array, truth: jax.Array, key: jax.Array
    ) -> Any:
        value, slope = jax.value_and_grad(loss)(trained, x, mask, truth, key)
        size = jnp.sqrt(sum(jnp.sum(g**2) for g in jax.tree.leaves(slope)))
        slope = jax.tree.map(lambda g: g / jnp.maximum(1.0, size), slope)
        first = jax.tree.map(lambda m, g: 0.9 * m + 0.1 * g, moments[0], slope)
        second = jax.tree.map(lambda m, g: 0.999 * m + 0.001 * g**2, moments[1], slope)
        pace = jnp.minimum(1.0, (taken + 1) / (0.1 * steps)) * (1 - taken / steps)

        def moved(rate: float) -> Callable[..., jax.Array]:
            return lambda p, m, v: (
                p
                - pace
                * rate
                * (m / (1 - 0.9 ** (taken + 1)) / (jnp.sqrt(v / (1 - 0.999 ** (taken + 1))) + 1e-8) + DECAY * p)
            )

        new = {
            part: jax.tree.map(moved(rate), trained[part], first[part], second[part])
            for part, rate in (("adapters", RATE), ("head", HEAD_RATE))
        }
        return new, (first, second), value

    return step


def _layer(x: jax.Array, mask: jax.Array, layer: Tree, heads: int) -> jax.Array:
    """One layer of BERT: attention, then a network for each piece, each with its residual and norm."""

    def split(part: str) -> jax.Array:
        return _linear(x, layer[part]).reshape(*x.shape[:2], heads, -1).transpose(0, 2, 1, 3)

    q, k, v = split("q"), split("k"), split("v")
    weights = q @ k.transpose(0, 1, 3, 2) / jnp.sqrt(q.shape[-1]) + (mask[:, None, None, :] - 1) * 1e9
    seen = (jax.nn.softmax(weights) @ v).transpose(0, 2, 1, 3).reshape(x.shape)
    x = _norm(x + _linear(seen, layer["ao"]), layer["aln"])
    return _norm(x + _linear(jax.nn.gelu(_linear(x, layer["fi"]), approximate=False), layer["fo"]), layer["oln"])


def _linear(x: jax.Array, part: tuple[jax.Array, jax.Array]) -> jax.Array:
    return x @ part[0].T + part[1]


def _norm(x: jax.Array, part: tuple[jax.Array, jax.Array]) -> jax.Array:
    mean = x.mean(-1, keepdims=True)
    spread = ((x - mean) ** 2).mean(-1, keepdims=True)
    return (x - mean) / jnp.sqrt(spread + 1e-12) * part[0] + part[1]


def _merged(layer: Tree, adapter: Tree) -> Tree:
    return {**layer, **{part: (layer[part][0] + b @ a, layer[part][1]) for part, (a, b) in adapter.items()}}


def _fresh(layer: Tree, draw: np.random.Generator) -> Tree:
    def pair(weights: jax.Array) -> tuple[jax.Array, jax.Array]:
        out, into = weights.shape
        return jnp.array(draw.normal(0, 1 / np.sqrt(into), (RANK, into)), jnp.float32), jnp.zeros(
            (out, RANK), jnp.float32
        )

    return {part: pair(layer[part][0]) for part in ADAPTED_PARTS}


def _fresh_head(categories: int, draw: np.random.Generator) -> Tree:
    return {
        "w": jnp.array(draw.normal(0, 0.02, (384, categories)), jnp.float32),
        "b": jnp.zeros(categories, jnp.float32),
    }


def _batches(pieces: Sequence[Sequence[int]], draw: np.random.Generator) -> Iterator[npt.NDArray[np.intp]]:
    """Batches of texts of like length, in random order."""
    order = np.array(sorted(range(len(pieces)), key=lambda at: (_fitting(len(pieces[at])), draw.random())))
    batches = [order[at : at + BATCH] for at in range(0, len(order), BATCH)]
    for at in draw.permutation(len(batches)):
        yield batches[at]


def _fitting(length: int) -> int:
    return next(size for size in _LENGTHS if size >= length)


def _padded(rows: Sequence[Vectors]) -> tuple[jax.Array, jax.Array]:
    size = _fitting(max(map(len, rows)))
    x = np.zeros((len(rows), size, rows[0].shape[1]), np.float32)
    mask = np.zeros((len(rows), size), np.float32)
    for at, row in enumerate(rows):
        x[at, : len(row)], mask[at, : len(row)] = row, 1
    return jnp.array(x), jnp.array(mask)


def _exported(adapters: Sequence[Tree]) -> Adapter:
    return {
        f"l{ADAPTED_FROM + at}.{part}": (np.asarray(a, np.float16), np.asarray(b, np.float16))
        for at, adapter in enumerate(adapters)
        for part, (a, b) in adapter.items()
    }
