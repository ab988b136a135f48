"""A shop whose loads go all the way into a running graph."""

import shutil
from collections.abc import Iterator
from contextlib import AbstractContextManager
from functools import partial
from pathlib import Path

import pytest

from graph.dump import canonical
from graph.session import Database, connect
from graph.settings import Settings
from graph.spec import fact_spec
from loaders.load import Connect, Options, load, unload
from loaders.report import LoadReport
from tests.loading import SECRET, Shop

KEPT = ("staging", "picture", "vault", "rejects")


class LiveShop(Shop):
    """A shop with the home of a running database."""

    def __init__(self, folder: Path, settings: Settings) -> None:
        super().__init__(folder)
        self.settings = settings
        forget(settings)

    @property
    def connect(self) -> Connect:
        return partial[AbstractContextManager[Database]](connect, self.settings)

    def put(self, text: str, **options: bool) -> LoadReport:
        """Load a manifest, given as text, into the graph."""
        self.manifest(text)
        chosen = Options(**options)  # type: ignore[arg-type]  # flags alone
        path = self.data / "company.toml"
        return load(self.settings, path, data=None, connect=self.connect, options=chosen)

    def take_out(self, name: str) -> LoadReport:
        """Unload a source from the graph."""
        options = Options(confirmed=True)
        return unload(self.settings, name, connect=self.connect, options=options)

    def dump(self) -> list[str]:
        """Return the graph's facts, line by line."""
        with connect(self.settings) as database:
            return list(canonical(database, fact_spec()))


def forget(settings: Settings) -> None:
    """Make a home one that has never loaded anything."""
    for name in KEPT:
        shutil.rmtree(settings.home / name, ignore_errors=True)
    for name in ("home.json", "journal.json"):
        (settings.home / name).unlink(missing_ok=True)
    (settings.home / "secret").write_text(SECRET)


@pytest.fixture
def live(tmp_path: Path, database: Database, server_home: Settings) -> Iterator[LiveShop]:
    """Return a shop over an empty graph."""
    yield LiveShop(tmp_path, server_home)
    forget(server_home)
