"""multilingual-e5-small (Wang et al. 2024) on CTranslate2, with eight-bit weights.

The weights come inside a package, so nothing is downloaded, ever. Loading repacks them for CTranslate2, which takes
about a second and a half; a text then takes five to ten milliseconds on one core.
"""

import re
import tempfile
from collections.abc import Mapping
from functools import lru_cache
from importlib import resources
from pathlib import Path
from threading import Lock
from typing import TYPE_CHECKING, Any

import numpy as np
import numpy.typing as npt

from responder.understanding.encoder.packed import Packed

if TYPE_CHECKING:
    import ctranslate2
    import tokenizers

Vectors = npt.NDArray[np.float32]

Adapter = Mapping[str, tuple[npt.NDArray[np.float16], npt.NDArray[np.float16]]]
"""What training adds to the weights, by name of the tensor: the product of a tall and a wide matrix, in reverse."""

SIZE = 384
ADAPTER_FILE = "adapter.npz"
ADAPTED_FROM = 8
"""The first layer that training adapts; those below know the language, those above what it is about."""
ADAPTED_PARTS = ("q", "k", "v", "ao", "fi", "fo")
LONGEST = 128
"""Pieces that are read, some 500 characters: of a longer text, as many at its start as at its end."""
BATCH = 32
VOCABULARY = 50_000
"""The most frequent pieces of English and Spanish texts that are kept, of 250,000 for a hundred languages."""
_loading = Lock()
"""Held while the encoder is made, so that two threads do not make two."""
_PREFIX = "query: "
"""What the model was trained to see before a text that is to be classified (model card of multilingual-e5-small)."""
_WRITTEN = re.compile(
    "[\u2581A-Za-z0-9!-/:-@\\[-`{-~áéíóúüñÁÉÍÓÚÜÑ¿¡’‘“”…€–—\u2600-\u27bf\ufe0f\U0001f300-\U0001faff]+"
)


class Encoder:
    """The loaded model; safe to share between threads. Loading raises `NotPacked` or `OSError`."""

    def __init__(self, adapter: Adapter | None = None) -> None:
        packed = Packed.open()
        self.kept = kept = _vocabulary(packed)
        places = {piece: place for place, piece in enumerate(kept.tolist())}
        self._start, self._end = places[packed.special.start], places[packed.special.end]
        self._tokenizer = _tokenizer(packed, kept, places[packed.special.unknown])
        self._model = _model(packed, kept, places[packed.special.unknown], adapter or {})

    def encode(self, texts: list[str]) -> Vectors:
        """One row per text, of length one."""
        pieces = [self.pieces(text) for text in texts]
        order = sorted(range(len(texts)), key=lambda at: len(pieces[at]))  # alike lengths need little padding
        vectors = np.empty((len(texts), SIZE), dtype=np.float32)
        for first in range(0, len(order), BATCH):
            batch = order[first : first + BATCH]
            states = np.asarray(self._model.forward_batch([pieces[at] for at in batch]).last_hidden_state)
            for row, at in enumerate(batch):
                mean = states[row, : len(pieces[at])].mean(axis=0)
                vectors[at] = mean / np.linalg.norm(mean)
        return vectors

    def pieces(self, text: str) -> list[int]:
        """Lower case, because capitals mean the same; halves of characters, which have no encoding, are dropped."""
        plain = text.lower().encode("utf-8", "ignore").decode()
        pieces = self._tokenizer.encode(_PREFIX + plain).ids
        half = LONGEST // 2 - 1
        return [self._start, *(pieces if len(pieces) <= 2 * half else pieces[:half] + pieces[-half:]), self._end]


def encoder() -> Encoder:
    """The one encoder of this process, adapted to texts of patients; loaded at the first call."""
    with _loading:
        return _adapted()


@lru_cache(maxsize=1)
def _adapted() -> Encoder:
    with resources.as_file(resources.files("responder.understanding.encoder") / ADAPTER_FILE) as file:
        return Encoder(load_adapter(file))


def load_adapter(file: Path) -> Adapter:
    """Read an adapter that `save_adapter` wrote."""
    with np.load(file, allow_pickle=False) as stored:
        names = sorted({key.rpartition("|")[0] for key in stored.files})
        return {name: (stored[f"{name}|wide"], stored[f"{name}|tall"]) for name in names}


def save_adapter(adapter: Adapter, file: Path) -> None:
    """Write an adapter; the same one always gives the same bytes."""
    parts: dict[str, Any] = {
        f"{name}|{part}": matrix
        for name, pair in adapter.items()
        for part, matrix in zip(("wide", "tall"), pair, strict=True)
    }
    np.savez_compressed(file, **parts)


def _vocabulary(packed: Packed) -> npt.NDArray[np.intp]:
    """The pieces to keep, in order; any other word is spelt with shorter ones."""
    written = np.array([_WRITTEN.fullmatch(piece) is not None for piece in packed.pieces])
    lowest = np.sort(packed.scores[written])[-VOCABULARY]
    special = packed.special
    kept = written & (packed.scores >= lowest)
    kept[[special.start, special.end, special.padding, special.unknown]] = True
    return np.flatnonzero(kept)


def _tokenizer(packed: Packed, kept: npt.NDArray[np.intp], unknown: int) -> "tokenizers.Tokenizer":
    from tokenizers import Regex, Tokenizer, models, normalizers, pre_tokenizers

    tokenizer = Tokenizer(
        models.Unigram([(packed.pieces[piece], float(packed.scores[piece])) for piece in kept], unk_id=unknown)
    )
    tokenizer.normalizer = normalizers.Sequence([normalizers.NFKC(), normalizers.Replace(Regex(r"\s+"), " ")])
    tokenizer.pre_tokenizer = pre_tokenizers.Metaspace(replacement="\u2581", prepend_scheme="always")
    return tokenizer


def _model(packed: Packed, kept: npt.NDArray[np.intp], unknown: int, adapter: Adapter) -> "ctranslate2.Encoder":
    """What `ctranslate2.converters` makes of a BERT model, without PyTorch to read it."""
    import ctranslate2
    from ctranslate2.converters import utils
    from ctranslate2.specs import common_spec, transformer_spec

    width, inner = packed.shape.width, packed.shape.inner

    def norm(spec: common_spec.LayerNormSpec, name: str) -> None:
        spec.gamma, spec.beta = packed.floats(f"{name}.w"), packed.floats(f"{name}.b")

    def linear(spec: common_spec.LinearSpec, name: str, columns: int = width) -> common_spec.LinearSpec:
        spec.weight, spec.bias = packed.matrix(f"{name}.w", columns), packed.floats(f"{name}.b")
        if name in adapter:
            wide, tall = adapter[name]
            spec.weight += tall.astype(np.float32) @ wide.astype(np.float32)
        return spec

    layers = transformer_spec.TransformerEncoderSpec(
        packed.shape.layers,
        packed.shape.heads,
        pre_norm=False,
        activation=common_spec.Activation.GELU,
        layernorm_embedding=True,
    )
    layers.scale_embeddings = False
    layers.embeddings[0].weight = packed.matrix("emb.word", width, kept)
    positions = packed.floats("emb.pos").reshape(-1, width)
    layers.position_encodings.encodings = positions + packed.floats("emb.type").reshape(-1, width)[0]
    norm(layers.layernorm_embedding, "emb.ln")
    for number, layer in enumerate(layers.layer):
        attention, name = layer.self_attention, f"l{number}"
        parts = [linear(common_spec.LinearSpec(), f"{name}.{part}") for part in "qkv"]
        utils.fuse_linear(attention.linear[0], parts)
        linear(attention.linear[1], f"{name}.ao")
        norm(attention.layer_norm, f"{name}.aln")
        linear(layer.ffn.linear_0, f"{name}.fi")
        linear(layer.ffn.linear_1, f"{name}.fo", inner)
        norm(layer.ffn.layer_norm, f"{name}.oln")
    spec = transformer_spec.TransformerEncoderModelSpec(layers)
    spec.register_vocabulary([str(piece) for piece in kept])
    spec.config.unk_token = str(kept[unknown])
    spec.config.layer_norm_epsilon = packed.shape.epsilon
    spec.validate()
    spec.optimize(quantization="int8")
    with tempfile.TemporaryDirectory() as folder:
        spec.save(folder)
        return ctranslate2.Encoder(folder, device="cpu", intra_threads=1)
