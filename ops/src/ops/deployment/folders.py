"""The shares on the disk: one folder each, and more for what was given, what is our own, and what is wanted."""

import secrets
from collections.abc import Iterable
from pathlib import Path

from ops.deployment.shares import OWN, Share, Wanted, shares
from ops.simulated import credentials

_READABLE = 0o444
"""A share is mounted into one container alone, whose user need not be ours."""

_OURS = 0o600


class NoSuchSecret(Exception):
    """Nothing of that name is kept here, or nothing that is in use."""


def prepare(given: Path, root: Path, wanted: Wanted) -> list[str]:
    """Make what is missing and write every share below `root`; returns the names of the shares that changed.

    Running it again changes nothing. Raises `Contradiction`, `OSError`.
    """
    own = root / "own"
    own.mkdir(parents=True, exist_ok=True)
    kept = {name: _kept(own / name, _random()) for name in OWN}
    invented = {name: _kept(own / f"simulated_{name.lower()}", value) for name, value in credentials().items()}
    found = shares(_read(given), kept, wanted, invented)
    return [name for name, share in found.items() if _write(root / name, share)]


def want(root: Path, profile: str) -> None:
    """Have the next `wishes` know that a profile is on: no container is told which are."""
    (root / "wanted").mkdir(parents=True, exist_ok=True)
    (root / "wanted" / profile).touch()


def wishes(root: Path) -> frozenset[str]:
    """The profiles that were wanted since this was asked last: they count once, so that one left out is off again."""
    found = list(_visible(root / "wanted")) if (root / "wanted").is_dir() else []
    for file in found:
        file.unlink()
    return frozenset(file.name for file in found)


def rotate(given: Path, root: Path, name: str) -> None:
    """Make one of our own secrets anew; the next `prepare` shares it. Raises `NoSuchSecret`."""
    if name not in OWN:
        raise NoSuchSecret(f"{name} is none of {', '.join(OWN)}")
    _is_ours(given, name)
    _replace(root / "own" / name, _random(), _OURS)


def show(given: Path, root: Path, name: str) -> str:
    """One of our own secrets, for a person who needs it. Raises `NoSuchSecret`."""
    if name not in OWN or not (root / "own" / name).exists():
        raise NoSuchSecret(f"{name} is none of {', '.join(OWN)}, or nothing is prepared yet")
    _is_ours(given, name)
    return (root / "own" / name).read_text()


def _is_ours(given: Path, name: str) -> None:
    """Raises `NoSuchSecret` for one that the operator gave: what we keep under its name opens nothing."""
    if name in _read(given):
        raise NoSuchSecret(f"{name} is the one in secrets/{name}: ours is not in use")


def _kept(file: Path, otherwise: str) -> str:
    """What `file` holds; when there is none, it is made."""
    if not file.exists():
        _replace(file, otherwise, _OURS)
    return file.read_text()


def _random() -> str:
    """A secret. Words like these are safe in addresses and in nats.conf."""
    return f"pw_{secrets.token_hex(24)}"


def _read(given: Path) -> Share:
    if not given.is_dir():
        return {}
    secret = (file for file in _visible(given) if file.suffix != ".md")
    return {file.name.lower(): text for file in secret if (text := file.read_text().strip())}


def _visible(folder: Path) -> Iterable[Path]:
    return (file for file in folder.iterdir() if file.is_file() and not file.name.startswith("."))


def _write(folder: Path, share: Share) -> bool:
    """Have `folder` hold exactly `share`. Whether that changed anything."""
    folder.mkdir(parents=True, exist_ok=True)
    have = {file.name: file.read_text() for file in _visible(folder)}
    for name in have.keys() - share.keys():
        (folder / name).unlink()
    for name, content in share.items():
        if have.get(name) != content:
            _replace(folder / name, content, _READABLE)
    return have != share


def _replace(file: Path, content: str, mode: int) -> None:
    """Write a file whole or not at all."""
    draft = file.with_name(f".{file.name}.new")
    draft.touch(mode=_OURS)
    draft.write_text(content)
    draft.chmod(mode)
    draft.replace(file)
