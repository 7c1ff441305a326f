"""Temporary files for recordings."""

from pathlib import Path

import pytest

from transcriber.temporary import named_file, nameless_file


def test_a_nameless_file_is_read_by_its_path_and_lies_in_no_folder(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("tempfile.tempdir", str(tmp_path))
    with nameless_file() as (file, path):
        file.write(b"RIFF")
        file.flush()
        assert path.read_bytes() == b"RIFF"
        assert path.stat().st_mode & 0o777 == 0o600
        assert list(tmp_path.iterdir()) == []
    assert not path.exists()


def test_elsewhere_a_named_file_is_ours_alone_and_gone_in_the_end(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("tempfile.tempdir", str(tmp_path))
    with named_file() as (file, path):
        file.write(b"RIFF")
        file.flush()
        assert path.read_bytes() == b"RIFF"
        assert path.stat().st_mode & 0o777 == 0o600
    assert list(tmp_path.iterdir()) == []
