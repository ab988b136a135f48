"""Finishes what a killed command began, before anybody relies on the graph."""

from algorithms.registry import computed_spec
from graph.apply import finish_unfinished
from graph.home import read_home
from graph.journal import unfinished
from graph.lock import writing
from graph.session import Database
from graph.settings import Settings


def recover(settings: Settings, database: Database) -> str | None:
    """Finish a load that was cut off while it wrote.

    Returns
    -------
    The load's id, or None when there was nothing to do.

    Raises
    ------
    LockedError
        If the load is not dead but at work.
    SchemaVersionError
        If another version of kith wrote the home.
    """
    read_home(settings)
    if unfinished(settings) is None:
        return None
    with writing(settings, command="kith up"):
        return finish_unfinished(settings, database, spec=computed_spec())
