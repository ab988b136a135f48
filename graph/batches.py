"""Cutting rows into batches and running a statement over them, two writers at a time.

Two writers nearly double the rate, if they stay out of each other's way: a relationship
locks both its nodes until its batch is committed. So the writers share the end nodes out
between them, and walk the start nodes from opposite sides.
"""

import threading
from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor, as_completed
from dataclasses import dataclass, field

import numpy as np
import pyarrow as pa

from graph.columns import END, as_parameters, slices
from graph.session import Database, Written
from graph.spec import PropertySpec

WRITERS = 2
# A batch's values and the undo of it have to fit into a quarter of the smallest heap that a
# server is started with; the server holds a text more than once.
BYTES_AT_ONCE = 4 * 1024 * 1024

OnRows = Callable[[int], None]
Lane = Sequence[pa.Table]


@dataclass(frozen=True, slots=True)
class Job:
    """A statement, what its columns are, and the parameters that all batches share."""

    query: str
    properties: Mapping[str, PropertySpec]
    constants: Mapping[str, object] = field(default_factory=dict)

    def run(self, database: Database, batch: pa.Table) -> Written:
        """Run the statement over one batch, in a transaction of its own."""
        return database.write(
            self.query, {**as_parameters(batch, self.properties), **self.constants}
        )


def halves(rows: pa.Table, *, most_rows: int) -> list[Lane]:
    """Return the batches of sorted rows in two consecutive parts."""
    batches = _batches(rows, most_rows)
    middle = (len(batches) + 1) // WRITERS
    return [batches[:middle], batches[middle:]]


def apart(rows: pa.Table, *, most_rows: int) -> list[Lane]:
    """Return the batches of relationships, sorted by start, so that two writers rarely meet.

    Each writer has end nodes that the other has not. Start nodes they share, but the second
    writer begins with the last of them, and all take them in rising order, so that one may
    wait for the other but never both for each other.
    """
    if rows.num_rows <= most_rows:
        return [_batches(rows, most_rows)]
    ends = rows[END].combine_chunks().dictionary_encode().indices.to_numpy()
    first, second = (np.flatnonzero(ends % WRITERS == writer) for writer in range(WRITERS))
    batches = _batches(rows.take(second), most_rows)
    return [_batches(rows.take(first), most_rows), batches[::-1]]


def run_lanes(
    lanes: Sequence[Lane], work: Callable[[pa.Table], int], *, on_rows: OnRows | None = None
) -> int:
    """Do ``work`` on every batch, one thread a lane, and return the sum of what it returns.

    Parameters
    ----------
    lanes
        The batches of each writer, in order.
    work
        What to do with a batch; its result is counted. If it fails, the other writers stop
        after their current batch and the error is raised.
    on_rows
        Called with the number of rows of each batch that is done, by one thread at a time.
    """
    busy = [lane for lane in lanes if lane]
    stopped, reporting = threading.Event(), threading.Lock()

    def walk(lane: Lane) -> int:
        total = 0
        for batch in lane:
            if stopped.is_set():
                break
            total += work(batch)
            if on_rows:
                with reporting:
                    on_rows(batch.num_rows)
        return total

    if len(busy) < WRITERS:
        return sum(walk(lane) for lane in busy)
    with ThreadPoolExecutor(len(busy)) as pool:
        try:
            futures = [pool.submit(walk, lane) for lane in busy]
            return sum(future.result() for future in as_completed(futures))
        finally:
            stopped.set()


def _batches(rows: pa.Table, most_rows: int) -> list[pa.Table]:
    return list(slices(rows, most_rows=most_rows, most_bytes=BYTES_AT_ONCE))
