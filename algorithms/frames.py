"""Arrow tables into pandas frames and back, column by column, without losing a digit.

Keys become categoricals, so ten million rows of twenty-character ids cost four bytes a row
and group by number. Whole numbers stay whole where values are missing.
"""

from collections.abc import Iterable, Mapping

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.compute as pc

from graph.columns import ARROW_TYPES
from graph.spec import PropertySpec

# pandas' own types for these turn into floats or objects where a value is missing
WITH_GAPS: Mapping[pa.DataType, str] = {pa.int64(): "Int64", pa.bool_(): "boolean"}


def to_frame(table: pa.Table) -> pd.DataFrame:
    """Return ``table`` as a frame.

    Columns that end in ``_id`` or ``_key`` are categoricals of texts, whose categories stand
    in no promised order; times are UTC to the millisecond; dates are times at midnight
    without a zone; whole numbers and booleans are nullable types only where values are
    missing.
    """
    columns = {name: _to_series(table[name], name) for name in table.column_names}
    return pd.DataFrame(columns, index=pd.RangeIndex(table.num_rows))


def to_table(frame: pd.DataFrame, properties: Iterable[PropertySpec]) -> pa.Table:
    """Return the named columns of ``frame`` as the types in which rows are written."""
    columns = {p.name: _to_array(frame[p.name], ARROW_TYPES[p.kind]) for p in properties}
    return pa.table(columns)


def _to_series(column: pa.ChunkedArray, name: str) -> pd.Series:
    kind = column.type
    if name.endswith(("_id", "_key")) and _is_text(kind):
        return _categorical(column)
    if pa.types.is_timestamp(kind):
        column = column.cast(pa.timestamp("ms", tz=kind.tz))
    if kind in WITH_GAPS and column.null_count:
        return pd.Series(column.to_pandas(types_mapper={kind: _nullable(kind)}.get))
    return pd.Series(column.to_pandas(date_as_object=False))


def _categorical(column: pa.ChunkedArray) -> pd.Series:
    """Return keys as numbers of different texts.

    Of five million sorted keys finding the different ones would cost five seconds and two
    gigabytes, and they are different already.
    """
    # what pandas is asked second it then knows: in rising order all are different
    if _is_rising(column) and (keys := pd.Index(column.to_numpy())).is_monotonic_increasing:
        return pd.Series(pd.Categorical.from_codes(np.arange(len(keys)), categories=keys))
    return pd.Series(pc.dictionary_encode(column).combine_chunks().to_pandas())


def _is_rising(column: pa.ChunkedArray) -> bool:
    """Tell whether every key is greater than the one before it; none is missing."""
    steps = pc.less(column.slice(0, max(len(column) - 1, 0)), column.slice(1))
    return not column.null_count and pc.all(steps, min_count=0).as_py() is True


def _nullable(kind: pa.DataType) -> pd.api.extensions.ExtensionDtype:
    return pd.Int64Dtype() if kind == pa.int64() else pd.BooleanDtype()


def _is_text(kind: pa.DataType) -> bool:
    return bool(pa.types.is_string(kind) or pa.types.is_large_string(kind))


def _to_array(series: pd.Series, kind: pa.DataType) -> pa.ChunkedArray:
    array = pa.Array.from_pandas(series)
    if pa.types.is_dictionary(array.type):
        array = array.dictionary_decode()
    return pa.chunked_array([array.cast(kind)]) if isinstance(array, pa.Array) else array.cast(kind)
