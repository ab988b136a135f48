"""Rows in layers: one large file, and later small ones that replace rows of it by their key.

A load that changes a thousand rows of ten million must not write ten million: it adds a layer.
``orders.parquet`` is the ground, ``orders.0001.parquet`` the first layer above it; the rows
of a layer hold instead of rows below that have the same key, and the keys listed in
``orders.0001.gone`` hold no more. Before layers become many or heavy all is written into one
file again, so that reading stays one pass over one large file.
"""

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from graph.difference import rows_in

if TYPE_CHECKING:
    import duckdb

Layers = tuple[Path, ...]
"""The files of one table, the ground first."""

GONE = ".gone"
FROM_ROWS = 100_000  # below, writing all rows again takes no longer than starting to
MOST_SHARE = 0.125  # of the rows on the ground in layers above it
MOST_LAYERS = 16


def layers_of(ground: Path) -> Layers:
    """Return a table's files that are there, the ground first; none where it has no rows."""
    if not ground.exists():
        return ()
    return (ground, *sorted(ground.parent.glob(f"{ground.stem}.[0-9]*.parquet")))


def next_layer(ground: Path, *, layers: Sequence[Path]) -> Path:
    """Return where the next layer above ``layers`` lies."""
    return ground.with_name(f"{ground.stem}.{len(layers):04}.parquet")


def gone_beside(layer: Path) -> Path:
    """Return the file of the keys that hold no more above a layer; it may be missing."""
    return layer.with_suffix(GONE)


def table_of(path: Path) -> str:
    """Return of which table a file is the ground or a layer."""
    return path.stem.partition(".")[0]


def rows_of(layers: Sequence[Path], *, by: Sequence[str]) -> str:
    """Return what stands after FROM to select the rows that hold; empty: there are none.

    Parameters
    ----------
    layers
        The ground first.
    by
        The columns by which a row replaces others.
    """
    if len(layers) < 2:
        return rows_in(*layers)
    keys = ", ".join(f'"{name}"' for name in by)
    parts = [
        f"SELECT * FROM {rows_in(layer)} o {_without(layers[place + 1 :], keys)}"
        for place, layer in enumerate(layers)
    ]
    return f"({' UNION ALL BY NAME '.join(parts)})"


def _without(above: Sequence[Path], keys: str) -> str:
    gone = [gone_beside(layer) for layer in above]
    files = [*above, *(path for path in gone if path.exists())]
    if not files:
        return ""
    union = " UNION ALL ".join(f"SELECT {keys} FROM {rows_in(path)}" for path in files)
    return f"ANTI JOIN ({union}) n USING ({keys})"


def bears_layer(layers: Sequence[Path], *, rows: int) -> bool:
    """Tell whether so many rows are better laid above a table than written into it."""
    import pyarrow.parquet as pq

    if not layers:
        return False
    ground, *above = (pq.read_metadata(path).num_rows for path in layers)
    return is_light(rows, ground=ground, above=above)


def is_light(rows: int, *, ground: int, above: Sequence[int]) -> bool:
    """Tell whether rows may lie above others; arguments are numbers of rows."""
    weight = rows + sum(above)
    return ground >= FROM_ROWS and len(above) < MOST_LAYERS and weight <= MOST_SHARE * ground


def count_rows(connection: "duckdb.DuckDBPyConnection", rows: str) -> int:
    """Return how many rows stand after FROM."""
    if not rows:
        return 0
    found = connection.execute(f"SELECT count(*) FROM {rows}").fetchone()
    return int(found[0]) if found else 0
