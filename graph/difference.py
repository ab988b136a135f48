"""Which rows are new, changed or gone, compared with older ones.

Used twice a load: on the staged rows, to count them for the report, and on the picture's
elements, to write to the graph only what is different.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import duckdb


@dataclass(frozen=True, slots=True)
class Difference:
    """Counts of rows; ``old`` is how many there were before."""

    new: int
    changed: int
    unchanged: int
    removed: int
    old: int

    @property
    def is_empty(self) -> bool:
        """Tell whether nothing has to be written."""
        return not (self.new or self.changed or self.removed)


def compare(
    connection: "duckdb.DuckDBPyConnection",
    identity: Sequence[str],
    *,
    old: str,
    new: str,
    out: tuple[Path, Path] | None = None,
) -> Difference:
    """Compare rows of the same columns, one by one.

    Parameters
    ----------
    connection
        Any DuckDB connection.
    identity
        The columns that identify a row; unique on each side.
    old, new
        What stands after FROM to select them; empty: there are no rows. See `rows_in`.
    out
        Where to write the rows that are new or changed, whole, and the identities of those
        that are gone; no file is made where there are none.
    """
    if not old or not new:
        return _one_sided(connection, identity, rows=(old, new), out=out)
    n_before, n_after = (_count(connection, rows) for rows in (old, new))
    columns = _columns(connection, new)
    # rows that are the same on both sides are found by their digests, which join many times
    # faster than texts; what is left over is compared value by value
    _leave_over(connection, "only_after", rows=new, others=old, columns=columns)
    _leave_over(connection, "only_before", rows=old, others=new, columns=columns)
    return _compared(connection, identity, columns=columns, n=(n_before, n_after), out=out)


def _leave_over(
    connection: "duckdb.DuckDBPyConnection",
    name: str,
    *,
    rows: str,
    others: str,
    columns: Sequence[str],
) -> None:
    """Make a table of the rows of which the others have no equal."""
    listed = ", ".join(f'"{column}"' for column in columns)
    # two digests of 64 bits, seeded differently: no two rows share both
    digests = f"hash({listed}) AS one, hash('', {listed}) AS two"
    connection.execute(
        f"CREATE OR REPLACE TEMP TABLE {name} AS SELECT * EXCLUDE (one, two) "
        f"FROM (SELECT *, {digests} FROM {rows}) ANTI JOIN (SELECT {digests} FROM {others}) "
        "USING (one, two)"
    )


def _compared(
    connection: "duckdb.DuckDBPyConnection",
    identity: Sequence[str],
    *,
    columns: Sequence[str],
    n: tuple[int, int],
    out: tuple[Path, Path] | None,
) -> Difference:
    """Compare what the sides do not share; ``n`` is how many rows each has in all."""
    on = " AND ".join(f'o."{c}" = n."{c}"' for c in identity)
    key = f'"{identity[0]}"'
    other = [f'"{c}"' for c in columns if c not in identity]
    differs = " OR ".join(f"o.{c} IS DISTINCT FROM n.{c}" for c in other) or "false"
    joined = f"only_after n LEFT JOIN only_before o ON {on}"
    counts = connection.execute(
        f"SELECT count(*) FILTER (o.{key} IS NULL), "
        f"count(*) FILTER (o.{key} IS NOT NULL AND ({differs})) FROM {joined}"
    ).fetchone()
    added, changed = counts or (0, 0)
    gone = f"only_before o ANTI JOIN only_after n ON {on}"
    removed = _count(connection, gone)
    if out and added + changed:
        where = f"o.{key} IS NULL OR ({differs})"
        copy_query(connection, f"SELECT n.* FROM {joined} WHERE {where}", to=out[0])
    if out and removed:
        names = ", ".join(f'o."{c}"' for c in identity)
        copy_query(connection, f"SELECT {names} FROM {gone}", to=out[1])
    before, after = n
    return Difference(added, changed, after - added - changed, removed, before)


def _one_sided(
    connection: "duckdb.DuckDBPyConnection",
    identity: Sequence[str],
    *,
    rows: tuple[str, str],
    out: tuple[Path, Path] | None,
) -> Difference:
    """Compare when one side has no rows."""
    before, after = (_count(connection, r) if r else 0 for r in rows)
    if out and after:
        copy_query(connection, f"SELECT * FROM {rows[1]}", to=out[0])
    if out and before:
        names = ", ".join(f'"{c}"' for c in identity)
        copy_query(connection, f"SELECT {names} FROM {rows[0]}", to=out[1])
    return Difference(new=after, changed=0, unchanged=0, removed=before, old=before)


def rows_in(*paths: Path) -> str:
    """Return what stands after FROM to select the rows of Parquet files that are there."""
    found = [f"'{quoted(path)}'" for path in paths if path.exists()]
    return f"read_parquet([{', '.join(found)}], union_by_name = true)" if found else ""


def _columns(connection: "duckdb.DuckDBPyConnection", rows: str) -> list[str]:
    described = connection.execute(f"DESCRIBE SELECT * FROM {rows}").fetchall()
    return [row[0] for row in described]


def _count(connection: "duckdb.DuckDBPyConnection", rows: str) -> int:
    found = connection.execute(f"SELECT count(*) FROM {rows}").fetchone()
    return int(found[0]) if found else 0


def copy_query(connection: "duckdb.DuckDBPyConnection", query: str, *, to: Path) -> int:
    """Write the rows of a query to a Parquet file and return their number."""
    to.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    done = connection.execute(f"COPY ({query}) TO '{quoted(to)}' (FORMAT parquet)").fetchone()
    return int(done[0]) if done else 0


def quoted(path: Path) -> str:
    """Return a path as it stands inside single quotes in SQL."""
    return str(path).replace("'", "''")
