"""A log file that several processes append to: whole lines, rotated by size, opened anew when somebody moved it."""

import contextlib
import fcntl
import os
from collections.abc import Iterator, Sequence
from itertools import accumulate
from pathlib import Path


class LogFile:
    """Opened for appending. One `write` call takes many lines, and the kernel puts such calls one after the other.

    Whoever finds the file full renames it, under a lock on its folder; the others notice by its inode and open the new
    one. So does everybody when the file was deleted, or rotated by a tool of the system's.
    """

    def __init__(self, path: Path, *, max_bytes: int = 10_000_000, kept: int = 5) -> None:
        """Open `path`, making its folder. `kept` old files stay: `.1` is the newest. Raises `OSError`."""
        self._path = path
        self._max_bytes = max_bytes
        self._kept = kept
        self._torn = False
        self._descriptor: int | None = None
        self._open()

    def append(self, lines: Sequence[bytes]) -> int:
        """Write lines, each with its line feed; returns how many are in the file. Raises `OSError` when none is."""
        size = sum(map(len, lines))
        self._follow(size)
        assert self._descriptor is not None
        start = b"\n" if self._torn else b""  # ends what a full disk cut off
        taken = os.write(self._descriptor, start + b"".join(lines)) - len(start)
        if taken < 0:
            return 0
        ends = [*accumulate(map(len, lines))]
        whole = len(lines) if taken == size else sum(end <= taken for end in ends)
        self._torn = taken > (ends[whole - 1] if whole else 0)
        return whole

    def close(self) -> None:
        """Let go of the file."""
        if self._descriptor is not None:
            os.close(self._descriptor)
            self._descriptor = None

    def _open(self) -> None:
        self.close()
        self._path.parent.mkdir(parents=True, exist_ok=True)
        self._descriptor = os.open(self._path, os.O_WRONLY | os.O_APPEND | os.O_CREAT | os.O_CLOEXEC, 0o640)

    def _follow(self, more: int) -> None:
        """Make sure that what is open is the file of that name, with room for `more` bytes."""
        if not self._is_ours():
            self._open()
        if self._is_full(more):
            with self._locked():
                if self._is_ours() and self._is_full(more):  # nobody was quicker
                    self._shift()
            self._open()

    def _is_ours(self) -> bool:
        if self._descriptor is None:
            return False
        try:
            named, opened = self._path.stat(), os.fstat(self._descriptor)
        except FileNotFoundError:
            return False
        return (named.st_ino, named.st_dev) == (opened.st_ino, opened.st_dev)

    def _is_full(self, more: int) -> bool:
        assert self._descriptor is not None
        size = os.fstat(self._descriptor).st_size
        return size > 0 and size + more > self._max_bytes

    def _shift(self) -> None:
        for number in range(self._kept, 0, -1):
            with contextlib.suppress(FileNotFoundError):
                self._numbered(number - 1).replace(self._numbered(number))

    def _numbered(self, number: int) -> Path:
        return self._path.with_name(f"{self._path.name}.{number}") if number else self._path

    @contextlib.contextmanager
    def _locked(self) -> Iterator[None]:
        folder = os.open(self._path.parent, os.O_RDONLY)
        try:
            fcntl.flock(folder, fcntl.LOCK_EX)
            yield
        finally:
            os.close(folder)
