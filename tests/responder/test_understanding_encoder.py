"""The encoder: texts that mean the same lie together, whatever the language; files that are none are refused."""

from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import numpy as np
import pytest

from responder.understanding.encoder import SIZE, encoder
from responder.understanding.encoder.e5 import load_adapter, save_adapter
from responder.understanding.encoder.packed import NotPacked, Packed


def test_texts_that_mean_the_same_lie_together_in_both_languages() -> None:
    english, spanish, other = encoder().encode(
        ["my tooth hurts a lot", "me duele mucho el diente", "what is your address"]
    )
    assert english @ spanish > max(english @ other, spanish @ other)


def test_a_point_has_length_one_and_does_not_depend_on_capitals_or_company() -> None:
    alone = encoder().encode(["Where are you?"])
    assert alone.shape == (1, SIZE)
    assert np.linalg.norm(alone[0]) == pytest.approx(1, abs=1e-5)
    together = encoder().encode(
        ["WHERE ARE YOU?", "a much longer text that has to be padded to, with many words in it"]
    )
    assert alone[0] @ together[0] > 0.999
    assert encoder().encode([]).shape == (0, SIZE)


def test_threads_share_one_encoder() -> None:
    with ThreadPoolExecutor(4) as threads:
        found = list(threads.map(lambda _: encoder(), range(8)))
        points = list(threads.map(lambda _: found[0].encode(["hours?"])[0], range(8)))
    assert len(set(map(id, found))) == 1
    assert all(points[0] @ point > 0.999 for point in points)


def test_the_end_of_a_long_text_counts() -> None:
    filler = "and then we talked about the weather for a while " * 40
    calm, urgent = encoder().encode([filler + "bye", filler + "my jaw is swollen and I cannot breathe"])
    assert calm @ urgent < 0.995


def test_a_file_of_another_layout_is_refused(tmp_path: Path) -> None:
    file = tmp_path / "weights.bin"
    file.write_bytes(b"GGUF" + bytes(100))
    with pytest.raises(NotPacked):
        Packed.read(file)


def test_a_tensor_that_is_missing_is_named() -> None:
    with pytest.raises(NotPacked, match="no tensor l99"):
        Packed.open().floats("l99.q.b")


def test_an_adapter_is_read_as_it_was_written(tmp_path: Path) -> None:
    adapter = {"l8.q": (np.ones((2, 4), np.float16), np.zeros((4, 2), np.float16))}
    save_adapter(adapter, tmp_path / "one.npz")
    save_adapter(adapter, tmp_path / "two.npz")
    assert (tmp_path / "one.npz").read_bytes() == (tmp_path / "two.npz").read_bytes()
    (wide, tall) = load_adapter(tmp_path / "one.npz")["l8.q"]
    assert np.array_equal(wide, adapter["l8.q"][0])
    assert np.array_equal(tall, adapter["l8.q"][1])
