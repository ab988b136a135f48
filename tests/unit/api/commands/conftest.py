"""A command line without a database."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.in_process import CommandLine, logging_restored


@pytest.fixture
def kith(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> Iterator[CommandLine]:
    """Return a command line whose home is empty."""
    home = tmp_path / "home"
    home.mkdir(mode=0o700)
    monkeypatch.setenv("KITH_HOME", str(home))
    with logging_restored():
        yield CommandLine(home, monkeypatch, capsys)
