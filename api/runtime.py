"""What every command needs: settings of this call, a database that answers, a lock's name."""

import logging
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

from graph.language import configure
from graph.settings import Settings, read_settings

if TYPE_CHECKING:
    from graph.session import Database


def settings_of_call() -> Settings:
    """Read the settings, and set language and logging up by them."""
    settings = read_settings()
    configure(settings.lang)
    _configure_logging(settings.log_format)
    return settings


@contextmanager
def database(settings: Settings) -> "Iterator[Database]":
    """Open the database, starting kith's own one where it does not run; it stays running."""
    from graph import server
    from graph.session import connect

    server.start(settings)
    with connect(settings) as opened:
        yield opened


@contextmanager
def writing_database(settings: Settings) -> "Iterator[Database]":
    """Be the one writer of this home's database, with a killed load finished first.

    Raises
    ------
    LockedError
        If somebody else is writing.
    ForeignDatabaseError
        If the database belongs to another home.
    """
    from algorithms.registry import computed_spec
    from graph.apply import finish_unfinished
    from graph.ddl import install
    from graph.lock import writing
    from graph.marker import check_home

    with writing(settings, command=command_line()), database(settings) as opened:
        check_home(opened, settings)
        install(opened, computed_spec())
        finish_unfinished(settings, opened, spec=computed_spec())
        yield opened


def command_line() -> str:
    """Return the command as its user typed it, for whoever meets our lock."""
    return " ".join(["kith", *sys.argv[1:]])


def is_interactive() -> bool:
    """Tell whether somebody can answer a question."""
    return sys.stdin.isatty() and sys.stderr.isatty()


def manifest_folder(manifest: Path, data: Path | None) -> Path:
    """Return the folder that a manifest's files are relative to."""
    return data or manifest.parent


def _configure_logging(form: str) -> None:
    handler = logging.StreamHandler(sys.stderr)
    if form == "json":
        handler.setFormatter(_JsonLines())
    else:
        handler.setFormatter(logging.Formatter("%(levelname)s %(name)s: %(message)s"))
    logging.basicConfig(level=logging.WARNING, handlers=[handler], force=True)
    for name in ("graph", "loaders", "algorithms", "api"):
        logging.getLogger(name).setLevel(logging.INFO if form == "json" else logging.WARNING)


class _JsonLines(logging.Formatter):
    """One JSON object a line."""

    def format(self, record: logging.LogRecord) -> str:
        """Return the record as a JSON object."""
        import json
        from datetime import UTC, datetime

        at = datetime.fromtimestamp(record.created, tz=UTC).isoformat(timespec="milliseconds")
        line = {"at": at, "level": record.levelname.lower(), "logger": record.name}
        return json.dumps({**line, "message": record.getMessage()}, ensure_ascii=False)
