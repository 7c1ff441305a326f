"""An nkey per user: the server knows only public keys, and no secret is ever sent to it."""

import os
from pathlib import Path

import nkeys

from ops.bus.permissions import users


class MissingKey(Exception):
    """A user has no key file."""


def make(folder: Path) -> list[Path]:
    """Make `<user>.nk` (the seed, for its service alone) and `<user>.pub` for every user that has none yet.

    Returns the seed files it made.
    """
    folder.mkdir(parents=True, exist_ok=True)
    return [_make(folder, user.name) for user in users() if not (folder / f"{user.name}.nk").exists()]


def _make(folder: Path, name: str) -> Path:
    seed = nkeys.encode_seed(os.urandom(32), nkeys.PREFIX_BYTE_USER)
    (folder / f"{name}.pub").write_bytes(nkeys.from_seed(bytearray(seed)).public_key)
    file = folder / f"{name}.nk"
    file.touch(mode=0o600)
    file.write_bytes(seed)
    return file


def public_keys(folder: Path) -> dict[str, str]:
    """Each user's public key, for the server's configuration. Raises `MissingKey`."""
    try:
        return {user.name: (folder / f"{user.name}.pub").read_text().strip() for user in users()}
    except OSError as error:
        raise MissingKey(f"{error.filename}: {error.strerror}") from error
