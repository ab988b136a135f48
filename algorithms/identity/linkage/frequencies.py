"""How frequent values are: two Lis are less evidence than two Quachs.

A person recorded twenty times must not make a rare name frequent, so rows vote by the share
of a person that they are. Rare values share one frequency: it keeps one person's spelling
from being learned, and lets the model be stored without naming anybody.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
import numpy.typing as npt
import pyarrow as pa

from algorithms.identity.linkage.pairs import UNITS

if TYPE_CHECKING:
    import duckdb

Floats = npt.NDArray[np.float64]


@dataclass(frozen=True)
class Frequencies:
    """How frequent the values of a column are, as shares of all rows that fill it.

    ``known`` maps the digest of each frequent value to its share, ``rest`` is the share of
    every other value.
    """

    known: Mapping[str, float]
    rest: float


def count_frequencies(column: pa.ChunkedArray, votes: Floats, *, kept: int) -> Frequencies:
    """Count how frequent values are.

    Parameters
    ----------
    column
        Texts or numbers, null where a row has none.
    votes
        How many persons each row stands for, above 0.
    kept
        Votes from which a value has a frequency of its own.
    """
    coded = column.cast(pa.string()).combine_chunks().dictionary_encode()
    told = coded.is_valid().to_numpy(zero_copy_only=False)
    codes = coded.indices.fill_null(0).to_numpy(zero_copy_only=False)[told]
    counts = np.bincount(codes, votes[told], len(coded.dictionary))
    frequent = counts >= kept
    total = max(float(counts.sum()), 1.0)
    rest = float(counts[~frequent].mean()) if (~frequent).any() else 1.0
    values = coded.dictionary.filter(pa.array(frequent)).to_pylist()
    shares = (counts[frequent] / total).tolist()
    known = {digest(value): share for value, share in zip(values, shares, strict=True)}
    return Frequencies(dict(sorted(known.items())), min(rest, 1.0 * kept) / total)


def digest(value: str) -> str:
    """Return the digest under which a value is kept, as DuckDB works it out too."""
    import hashlib

    return hashlib.md5(value.encode(), usedforsecurity=False).hexdigest()[:16]


def look_up(
    connection: "duckdb.DuckDBPyConnection", frequencies: Mapping[str, Frequencies]
) -> None:
    """Write for each column a table ``tf_<column>`` of its values and their frequencies."""
    for name, column in frequencies.items():
        connection.register(
            "known_values",
            pa.table(
                {
                    "digest": pa.array(list(column.known), pa.string()),
                    "share": pa.array(list(column.known.values()), pa.float64()),
                }
            ),
        )
        connection.execute(
            f"""
            CREATE OR REPLACE TABLE tf_{name} AS
            SELECT {name}, coalesce(share, $rest) AS tf_{name}
            FROM (SELECT DISTINCT {name} FROM {UNITS} WHERE {name} IS NOT NULL)
            LEFT JOIN known_values ON left(md5({name}), 16) = digest
            """,
            {"rest": column.rest},
        )
        connection.unregister("known_values")
