"""The speech model is the one we checked, or there is none."""

import subprocess
import sys
from pathlib import Path

import pytest

from support.transcriber import damaged_packages
from transcriber.model import SHA256, ModelUnusable, packaged, problem

_JOIN = (
    "import sys; from pathlib import Path; from transcriber.model import packaged; print(packaged(Path(sys.argv[1])))"
)


def join(cache: Path, **environment: str) -> "subprocess.Popen[str]":
    return subprocess.Popen(
        [sys.executable, "-c", _JOIN, str(cache)],
        env=environment,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )


def test_many_starters_at_once_get_one_whole_model(tmp_path: Path) -> None:
    starters = [join(tmp_path) for _ in range(3)]
    folders = {starter.communicate(timeout=60)[0].strip() for starter in starters}
    assert folders == {str(packaged(tmp_path))}
    assert {file.name for file in packaged(tmp_path).iterdir()} == set(SHA256)
    assert not list(tmp_path.glob("*.partial"))


def test_a_damaged_copy_is_put_together_anew(tmp_path: Path) -> None:
    folder = packaged(tmp_path)
    whole = (folder / "model.bin").read_bytes()
    (folder / "model.bin").write_bytes(whole[:-1] + b"?")
    (folder / "config.json").unlink()
    assert packaged(tmp_path) == folder
    assert (folder / "model.bin").read_bytes() == whole


def test_damaged_packages_are_refused_by_the_file_that_is_wrong(tmp_path: Path) -> None:
    starter = join(tmp_path / "cache", PYTHONPATH=str(damaged_packages(tmp_path)))
    _, error = starter.communicate(timeout=60)
    assert (
        error.splitlines()[-1]
        == f"{ModelUnusable.__module__}.ModelUnusable: the packaged speech model is damaged: model.bin"
    )
    assert not list((tmp_path / "cache").glob("whisper-base-*[0-9a-f]/"))


def test_a_cache_that_cannot_be_written_is_an_error_with_its_path(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    with pytest.raises(OSError, match="file"):
        packaged(tmp_path / "file" / "models")


def test_a_named_folder_must_hold_all_of_a_model(tmp_path: Path) -> None:
    (tmp_path / "model.bin").touch()
    assert problem(tmp_path) == f"speech model in {tmp_path}: config.json, tokenizer.json missing"
    assert problem(None) is None
