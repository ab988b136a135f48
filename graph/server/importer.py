"""The first load of an empty store: Neo4j's offline importer, and the wiping before it.

The importer writes the store's files itself, thirty times as fast as transactions, and
needs them to itself. It cannot be resumed, so whoever calls it keeps a journal and, after
a kill, wipes and imports again.
"""

import logging
import re
import subprocess
import time
from collections.abc import Sequence
from dataclasses import dataclass

from graph.server.admin import admin_command, admin_environment
from graph.server.errors import ImportFailedError
from graph.server.failure import disk_full, last_words
from graph.server.java import Java
from graph.server.launch import prepare, remove_store
from graph.server.lifecycle import IMPORT, end_server, managing, refuse_external
from graph.server.paths import Paths
from graph.server.process import kill
from graph.server.record import IMPORTER, find_processes, marks
from graph.settings import Settings

logger = logging.getLogger(__name__)

_COUNT = re.compile(r"^\s*(?P<number>\d+) (?P<what>nodes|relationships|properties)\s*$", re.M)
_CAUSE = re.compile(r"^\s*original error: (?P<cause>.*)$", re.M)
_PROBLEM = re.compile(r"^(?P<cause>Missing required .*|Unknown option.*|Invalid value .*)$", re.M)


@dataclass(frozen=True, slots=True)
class ImportCounts:
    """What the importer wrote, and how long it took, in seconds."""

    nodes: int
    relationships: int
    properties: int
    seconds: float


def run_importer(settings: Settings, args: Sequence[str]) -> ImportCounts:
    """Import files into the store, replacing all that it holds; a running server is stopped.

    Parameters
    ----------
    settings
        Name the home and, by ``import_heap``, the importer's memory.
    args
        What to import: ``--nodes=Label=header.csv,part.*``, ``--relationships=TYPE=...`` and,
        where they are needed, ``--id-type`` and the options of the file format. Memory,
        tolerance (none), overwriting and the name of the database are ours.

    Returns
    -------
    The counts that the importer printed.

    Raises
    ------
    ImportFailedError
        If it refuses its files; the store is then empty.
    DiskFullError
        If the disk filled up.
    NotOurServerError
        If ``KITH_NEO4J_URI`` is set: an import needs the store's files.
    """
    refuse_external(settings, action="import")
    with managing(settings, command=IMPORT) as paths:
        _clear_the_way(paths)
        java = prepare(settings, paths)
        began = time.monotonic()
        # Until it has ended well there is nothing of use in the store.
        paths.import_mark.touch()
        code = _import(settings, paths, java=java, args=args)
        report = paths.import_log.read_text(errors="replace")
        if code != 0:
            remove_store(paths)
            raise _failure(report, paths)
        paths.import_mark.unlink()
        return counts_of(report, seconds=time.monotonic() - began)


def wipe(settings: Settings) -> None:
    """Remove the graph and keep password, port and jars; a running server is stopped.

    Raises
    ------
    NotOurServerError
        If ``KITH_NEO4J_URI`` is set.
    """
    refuse_external(settings, action="wipe")
    with managing(settings, command="wipe") as paths:
        _clear_the_way(paths)
        remove_store(paths)
        logger.info("the graph of %s was wiped", paths.home)


def counts_of(report: str, *, seconds: float) -> ImportCounts:
    """Return the counts that stand at the end of an importer's report; absent ones are 0."""
    found = {match["what"]: int(match["number"]) for match in _COUNT.finditer(report)}
    kinds = ("nodes", "relationships", "properties")
    nodes, relationships, properties = (found.get(kind, 0) for kind in kinds)
    return ImportCounts(nodes, relationships, properties, seconds)


def problem_of(report: str) -> str:
    """Return why an importer failed: the first cause it names, without the value it stands on."""
    found = _CAUSE.search(report) or _PROBLEM.search(report)
    return found["cause"] if found else last_words(report)


def _import(settings: Settings, paths: Paths, *, java: Java, args: Sequence[str]) -> int:
    heap = settings.import_heap
    flags = (f"-Xmx{heap}", "-XX:+UseParallelGC", *marks(paths, role=IMPORTER))
    ours = (
        "--overwrite-destination",
        "--bad-tolerance=0",
        "--verbose",
        f"--max-off-heap-memory={heap}",
        f"--report-file={paths.database / 'logs' / 'import.report'}",
    )
    command = ("database", "import", "full", *ours, *args, "--", "neo4j")
    with paths.import_log.open("wb") as console:
        return subprocess.run(
            admin_command(paths, java, arguments=command, flags=flags),
            stdin=subprocess.DEVNULL,
            stdout=console,
            stderr=subprocess.STDOUT,
            env=admin_environment(paths),
            check=False,
        ).returncode


def _failure(report: str, paths: Paths) -> Exception:
    if "No space left on device" in report:
        return disk_full(paths.database)
    return ImportFailedError(problem=problem_of(report), log=paths.import_log)


def _clear_the_way(paths: Paths) -> None:
    """Stop the server, and an importer whose command was killed: we hold the home's lock."""
    end_server(paths)
    for orphan in find_processes(paths, role=IMPORTER):
        logger.warning("ending importer %d, left by a command that was killed", orphan.pid)
        kill(orphan)
