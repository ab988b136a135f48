"""The command line as a user has it: a process of its own, a home of its own."""

import json
import os
import subprocess
import sys
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from graph.settings import Settings
from tests.conftest import HomeMaker

KITH = Path(sys.executable).with_name("kith")
SECRET = "5e" * 32


@dataclass(frozen=True)
class Kith:
    """Runs ``kith`` in one home."""

    settings: Settings

    @property
    def home(self) -> Path:
        return self.settings.home

    @property
    def environment(self) -> dict[str, str]:
        wanted = {
            "KITH_HOME": str(self.settings.home),
            "KITH_HEAP": self.settings.heap,
            "KITH_PAGE_CACHE": self.settings.page_cache,
            "KITH_IMPORT_HEAP": self.settings.import_heap,
            "KITH_JAVA_FLAGS": self.settings.java_flags,
        }
        return {**os.environ, **wanted}

    def start(self, *arguments: str) -> "subprocess.Popen[str]":
        return subprocess.Popen(
            [str(KITH), *arguments],
            env=self.environment,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
        )

    def run(self, *arguments: str, code: int = 0) -> "subprocess.CompletedProcess[str]":
        done = subprocess.run(
            [str(KITH), *arguments],
            env=self.environment,
            capture_output=True,
            text=True,
            stdin=subprocess.DEVNULL,
            check=False,
        )
        assert done.returncode == code, f"{arguments}: {done.stdout}\n{done.stderr}"
        return done

    def json(self, *arguments: str) -> Any:
        return json.loads(self.run(*arguments, "--json").stdout)


KithMaker = Callable[[str], Kith]


@pytest.fixture(scope="session")
def make_kith(make_home: HomeMaker) -> KithMaker:
    """Return what makes a home with a known secret, in which ``kith`` can run."""

    def make(name: str) -> Kith:
        settings = make_home(name)
        secret = settings.home / "secret"
        secret.write_text(SECRET)
        secret.chmod(0o600)
        return Kith(settings)

    return make


@pytest.fixture(scope="session")
def company(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return the manifest of a small demo company, written once."""
    from loaders.demo import write

    folder = tmp_path_factory.mktemp("company")
    write(folder, customers=400, seed=7)
    return folder / "company.toml"


@pytest.fixture(scope="session")
def loaded(make_kith: KithMaker, company: Path) -> Kith:
    """Return a home in which the demo company went through all six stages."""
    kith = make_kith("loaded")
    kith.run("run", str(company))
    return kith
