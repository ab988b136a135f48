"""The command line called as a function: its exit code, what it printed, and nothing left behind.

For commands that need no database; whatever needs one is tried as a process of its own.
"""

import json
import logging
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import pytest

from api.cli import main
from graph.language import configure

OURS = ("graph", "loaders", "algorithms", "api")


@dataclass(frozen=True)
class Said:
    """What a command printed, for programs and for people."""

    out: str
    err: str

    @property
    def json(self) -> object:
        return json.loads(self.out)


@dataclass(frozen=True)
class CommandLine:
    """Runs ``kith`` in this process, in a home of its own."""

    home: Path
    patch: pytest.MonkeyPatch
    captured: pytest.CaptureFixture[str]

    def run(self, *arguments: str, code: int = 0) -> Said:
        self.patch.setattr(sys, "argv", ["kith", *arguments])
        with pytest.raises(SystemExit) as left:
            main()
        said = Said(*self.captured.readouterr())
        assert (left.value.code or 0) == code, f"{arguments}: {said}"
        return said


@contextmanager
def logging_restored() -> Iterator[None]:
    """Give logging back as it was: a command sets it up for a whole process."""
    root = logging.getLogger()
    handlers, level = root.handlers[:], root.level
    try:
        yield
    finally:
        root.handlers[:] = handlers
        root.setLevel(level)
        for name in OURS:
            logging.getLogger(name).setLevel(logging.NOTSET)
        configure("en")
