"""Where a recording lies while it is heard: in a file that cannot outlive the service, however that ends."""

import os
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import IO


@contextmanager
def nameless_file() -> Iterator[tuple[IO[bytes], Path]]:
    """A file in no folder, and a path by which our worker can open it. Linux only.

    The kernel frees it when its last holder ends, even by SIGKILL. The path leads through our own open file.
    """
    with tempfile.TemporaryFile() as file:
        yield file, Path(f"/proc/{os.getpid()}/fd/{file.fileno()}")


@contextmanager
def named_file() -> Iterator[tuple[IO[bytes], Path]]:
    """A file with a name, where there is nothing better: gone with the block, but not when the process is killed."""
    with tempfile.NamedTemporaryFile(prefix="frontdesk-recording-") as file:
        yield file, Path(file.name)


temporary_file = nameless_file if Path("/proc/self/fd").is_dir() else named_file
"""An empty file that only our user may read, and its path."""
