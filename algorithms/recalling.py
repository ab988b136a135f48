"""What an earlier run of an algorithm said, out of its files: so that time can judge it.

Chosen is the latest run that time has had a month to judge; where none is that old, the
oldest there is. Runs with other parameters answered another question.
"""

import json
from collections.abc import Iterator
from datetime import datetime, timedelta
from pathlib import Path
from typing import Final

import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

from algorithms.contract import Algorithm
from algorithms.records import Record
from algorithms.reduction import RECALLED
from graph.settings import Settings

OLD_ENOUGH: Final = timedelta(days=30)


def recalled(algorithm: Algorithm, now: Record, *, settings: Settings) -> dict[str, pa.Table]:
    """Return the table ``recalled`` where an algorithm asks for it and there is an earlier run.

    Parameters
    ----------
    algorithm
        Who asks.
    now
        The run that begins: earlier is what is of an instant before its own.
    settings
        The home, whose files are looked at.
    """
    if not algorithm.recalls:
        return {}
    before = [run for run in runs_of(algorithm.name, settings) if run[0] < now.as_of]
    same = [(at, folder) for at, folder, parameters in before if parameters == now.parameters]
    if not same:
        return {}
    ripe = [run for run in same if run[0] <= now.as_of - OLD_ENOUGH]
    _, folder = max(ripe) if ripe else min(same)
    columns = ["customer_id", *algorithm.recalls]
    held = pq.read_schema(folder / "Customer.parquet").names
    if not {*columns} <= {*held}:
        return {}  # an earlier version said other things
    said = pq.read_table(folder / "Customer.parquet", columns=columns)
    return {RECALLED: said.filter(pc.is_valid(said[columns[1]]))}


def runs_of(algorithm: str, settings: Settings) -> Iterator[tuple[datetime, Path, str]]:
    """Return the runs of an algorithm that left files: of when, where, and their parameters."""
    for note in sorted((settings.home / "runs").glob(f"{algorithm}-*/run.json")):
        said = json.loads(note.read_text(encoding="utf-8"))
        if said["algorithm"] == algorithm and (note.parent / "Customer.parquet").exists():
            yield datetime.fromisoformat(said["as_of"]), note.parent, said["parameters"]
