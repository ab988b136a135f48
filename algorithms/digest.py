"""Whether anything that a result rests on has changed: rows, their columns, the code.

Rows are hashed and the hashes added up and combined by exclusive or, so their order does
not matter and repeated rows do not cancel out. A digest says "unchanged" of changed rows
about once in 2 ** 64 changes.
"""

import json
from collections.abc import Mapping
from functools import cache
from hashlib import sha256
from pathlib import Path
from typing import TYPE_CHECKING

import pyarrow as pa

from algorithms.reduction import registered

if TYPE_CHECKING:
    import duckdb


def digest_of(tables: Mapping[str, pa.Table], connection: "duckdb.DuckDBPyConnection") -> str:
    """Return 32 hex digits that are equal for equal tables, code and engine.

    Parameters
    ----------
    tables
        Tables by name; columns count by name, rows in any order.
    connection
        DuckDB; its version is part of the digest, for its hashes may change with it.
    """
    ((version,),) = connection.sql("SELECT version()").fetchall()
    parts = {name: _rows_of(table, connection) for name, table in sorted(tables.items())}
    text = json.dumps([version, code_digest(), parts], sort_keys=True)
    return sha256(text.encode()).hexdigest()[:32]


@cache
def code_digest() -> str:
    """Return the digest of the algorithms' own source and data: changed code, other results."""
    own = Path(__file__).parent
    files = sorted(path for path in own.rglob("*") if path.suffix in (".py", ".toml"))
    return sha256(b"".join(file.read_bytes() for file in files)).hexdigest()


def _rows_of(table: pa.Table, connection: "duckdb.DuckDBPyConnection") -> dict[str, list[str]]:
    """Return the columns of a table, and the number, sum and exclusive or of its rows' hashes."""
    columns = sorted(table.column_names)
    hashed = "hash({})".format(", ".join(f'"{column}"' for column in columns))
    query = f"SELECT count(*), sum({hashed}::HUGEINT), bit_xor({hashed}) FROM digested"
    with registered(connection, {"digested": table}):
        (row,) = connection.sql(query).fetchall()
    return {"columns": columns, "rows": [str(value) for value in row]}
