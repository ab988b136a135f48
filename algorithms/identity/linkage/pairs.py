"""Which pairs are compared, and at which level each field of a pair stands.

Pairs come from blocks: rows that agree on some key. A pair that several blocks bring
together is compared once, and its smaller unit always stands left, so that its weight never
depends on which other rows are there or which of them are new.
"""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import TYPE_CHECKING, Final

import numpy as np
import numpy.typing as npt
import pyarrow as pa

from algorithms.identity.linkage.settings import LISTS, Comparison
from graph.engine import unspilling

if TYPE_CHECKING:
    import duckdb

Numbers = npt.NDArray[np.int64]
Flags = npt.NDArray[np.bool_]

UNITS: Final = "match_units"  # the rows, with `is_touched`
KEYS: Final = "unit_keys"  # the keys of each unit as numbers
MET: Final = "pairs_met"  # pairs as often as blocks bring them together
PAIRS: Final = "blocked_pairs"  # match_key, join_key_l, join_key_r: as Splink reads them
COMPARED: Final = "compared_pairs"
QUARTERS: Final = 4  # logarithms of frequencies are rounded to quarters of a bit


@contextmanager
def workshop(rows: pa.Table, touched: Flags) -> Iterator["duckdb.DuckDBPyConnection"]:
    """Open a DuckDB that holds the rows and writes nothing to disk."""
    connection = unspilling()
    try:
        # pairs are put in order at the end; without this only one core writes them
        connection.execute("SET preserve_insertion_order = false")
        connection.register("arrow_rows", rows.append_column("is_touched", pa.array(touched)))
        connection.execute(f"CREATE TABLE {UNITS} AS SELECT * FROM arrow_rows")
        connection.unregister("arrow_rows")
        yield connection
    finally:
        connection.close()


def block(connection: "duckdb.DuckDBPyConnection", blocks: Sequence[tuple[str, ...]]) -> None:
    """Write into ``PAIRS`` each pair with a touched end that agrees on all keys of a block."""
    keys = ", ".join(_key(own, place=place) for place, own in enumerate(blocks))
    connection.execute(
        f"CREATE OR REPLACE TABLE {KEYS} AS SELECT unit, is_touched, {keys} FROM {UNITS}"
    )
    connection.execute(f"CREATE OR REPLACE TABLE {MET} (join_key_l BIGINT, join_key_r BIGINT)")
    for place, own in enumerate(blocks):
        # one at a time: each builds a table of all rows in memory
        connection.execute(f"INSERT INTO {MET} {_met(own, place=place)}")
    # a pair may meet in several blocks, and share several values of a list
    connection.execute(f"""
        CREATE OR REPLACE TABLE {PAIRS} AS
        SELECT 0::TINYINT AS match_key, join_key_l, join_key_r FROM {MET} GROUP BY ALL
    """)
    connection.execute(f"DROP TABLE {MET}")
    connection.execute(f"DROP TABLE {KEYS}")


def _key(block: tuple[str, ...], *, place: int) -> str:
    """Return a block's key of a row as one number, null where a column is; of a list, several."""
    if set(block) & set(LISTS):
        (name,) = block  # a block on a list stands alone
        return f"list_transform({name}, lambda value: hash(value)) AS key_{place}"
    filled = " AND ".join(f"{name} IS NOT NULL" for name in block)
    return f"CASE WHEN {filled} THEN hash({', '.join(block)}) END AS key_{place}"


def _met(block: tuple[str, ...], *, place: int) -> str:
    key = f"unnest(key_{place})" if set(block) & set(LISTS) else f"key_{place}"
    rows = f"SELECT unit, is_touched, {key} AS own FROM {KEYS}"
    return f"""
        SELECT least(one.unit, other.unit) AS join_key_l,
            greatest(one.unit, other.unit) AS join_key_r
        FROM ({rows} WHERE is_touched) AS one JOIN ({rows}) AS other ON one.own = other.own
        WHERE one.unit <> other.unit AND (NOT other.is_touched OR one.unit < other.unit)
    """


def draw(n: int, *, n_pairs: int, seed: int) -> pa.Table:
    """Draw pairs of ``n`` units at random, or return all pairs where that is not much more.

    Returns
    -------
    ``join_key_l`` < ``join_key_r``.
    """
    if n * (n - 1) // 2 <= 2 * n_pairs:
        one, other = np.triu_indices(n, 1)
    else:
        random = np.random.default_rng(seed)
        one, other = random.integers(0, n, (2, n_pairs))
        apart = one != other
        one, other = one[apart], other[apart]
    return pa.table({"join_key_l": np.minimum(one, other), "join_key_r": np.maximum(one, other)})


def compare(
    connection: "duckdb.DuckDBPyConnection", comparisons: Sequence[Comparison], *, pairs: str
) -> None:
    """Write into ``COMPARED`` at which level each field of each of ``pairs`` stands."""
    columns = sorted({name for field in comparisons for name in field.columns})
    sides = [f"{side}.{name} AS {name}_{side}" for name in columns for side in ("l", "r")]
    connection.execute(f"""
        CREATE OR REPLACE TABLE {COMPARED} AS
        SELECT join_key_l, join_key_r, {", ".join(_level(field) for field in comparisons)}
        FROM (
            SELECT join_key_l, join_key_r, {", ".join(sides)} FROM {pairs} AS p
            JOIN {UNITS} AS l ON l.unit = p.join_key_l JOIN {UNITS} AS r ON r.unit = p.join_key_r
        )
    """)


def compared(
    connection: "duckdb.DuckDBPyConnection",
    comparisons: Sequence[Comparison],
    *,
    frequencies: Sequence[str] = (),
) -> pa.Table:
    """Return at which level each field of each compared pair stands.

    Parameters
    ----------
    connection
        A ``workshop`` after ``compare``; of each column of ``frequencies`` it holds a table
        ``tf_<column>``.
    comparisons
        The fields.
    frequencies
        Columns whose frequencies are wanted.

    Returns
    -------
    ``join_key_l``, ``join_key_r`` (ascending), and for each field ``level_<name>`` (int8, -1
    where the field says nothing) and ``rarity_<name>``: the logarithm to base two of the
    value's frequency in whole quarters (int16), 0 where the level has none.
    """
    lookups = [
        f"LEFT JOIN tf_{name} AS f_{name} ON l.{name} = f_{name}.{name}" for name in frequencies
    ]
    rarities = [_rarity(field, frequencies) for field in comparisons]
    return connection.sql(f"""
        SELECT c.*, {", ".join(rarities)} FROM {COMPARED} AS c
        JOIN {UNITS} AS l ON l.unit = c.join_key_l {" ".join(lookups)}
        ORDER BY join_key_l, join_key_r
    """).to_arrow_table()


def _level(field: Comparison) -> str:
    cases = [
        f"ELSE {place}" if level.sql == "ELSE" else f"WHEN {level.sql} THEN {place}"
        for place, level in enumerate(field.levels)
    ]
    return f"(CASE WHEN {field.null} THEN -1 {' '.join(cases)} END)::TINYINT AS level_{field.name}"


def _rarity(field: Comparison, frequencies: Sequence[str]) -> str:
    named = {place: level.frequency for place, level in enumerate(field.levels)}
    cases = [
        f"WHEN level_{field.name} = {place} THEN round(log2(f_{name}.tf_{name}) * {QUARTERS})"
        for place, name in named.items()
        if name in frequencies
    ]
    found = f"CASE {' '.join(cases)} ELSE 0 END" if cases else "0"
    return f"coalesce({found}, 0)::SMALLINT AS rarity_{field.name}"
