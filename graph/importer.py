"""The first load: the offline importer makes the store of the elements' files.

It writes thirty times as fast as transactions, into an empty store only, and needs the
store to itself, so the database stops before it and starts after it.
"""

import logging
import shutil
import tempfile
import time
from collections.abc import Mapping, Sequence
from datetime import datetime
from pathlib import Path

from graph.ddl import install
from graph.import_files import write_files
from graph.server import ImportCounts, run_importer, start
from graph.session import connect
from graph.settings import Settings
from graph.spec import GraphSpec

logger = logging.getLogger(__name__)


def import_all(
    settings: Settings,
    spec: GraphSpec,
    *,
    elements: Mapping[str, Sequence[Path]],
    loaded_at: datetime,
) -> ImportCounts:
    """Replace the whole graph by ``elements``, install its constraints, leave it running.

    Parameters
    ----------
    settings
        Name the home, whose database is stopped for the import.
    spec
        The declared nodes and relationships, computed ones included.
    elements
        The Parquet files of each element in the form of the picture. Several files of one
        element are merged by what identifies a row, so facts and computed properties may
        come apart. Elements without rows may be left out.
    loaded_at
        Set on every node whose label declares it.

    Returns
    -------
    The counts that the importer reports.

    Raises
    ------
    ImportFailedError
        If the importer refuses the files: a relationship whose end does not exist, a key
        that occurs twice. The store is then empty.
    UndeclaredColumnError, ListDelimiterError
        If the files cannot be written; the graph is untouched.
    """
    folder = Path(tempfile.mkdtemp(prefix="import-", dir=settings.tmp))
    began = time.monotonic()
    try:
        arguments = write_files(
            settings, spec, elements=elements, folder=folder, loaded_at=loaded_at
        )
        seconds = time.monotonic() - began
        logger.info("files for the importer were written in %.1f s", seconds)
        counts = run_importer(settings, arguments)
    finally:
        shutil.rmtree(folder)
    start(settings)
    with connect(settings) as database:
        install(database, spec)
    return counts
