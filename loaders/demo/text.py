"""Columns of text, built by Arrow: a million names or keys without one Python string each."""

from collections.abc import Sequence

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

from loaders.demo.draw import Flags, Ints

_HEX = np.frombuffer(b"0123456789abcdef", dtype=np.uint8)


def join(*parts: pa.Array | str) -> pa.Array:
    """Concatenate columns and constants, row by row; a missing part makes the row missing."""
    return pc.binary_join_element_wise(*parts, "")


def pick(words: Sequence[str] | pa.Array, index: Ints, *, missing: Flags | None = None) -> pa.Array:
    """Return ``words[index]``, null where ``missing``."""
    pool = words if isinstance(words, pa.Array) else pa.array(words, pa.string())
    return pool.take(pa.array(index, mask=missing))


def number(values: Ints, *, width: int = 1) -> pa.Array:
    """Write whole numbers, with zeros in front up to ``width`` digits."""
    return pc.utf8_lpad(pa.array(values).cast(pa.string()), width, "0")


def keys(prefix: str, values: Ints, *, width: int) -> pa.Array:
    """Write keys such as ``M10000042``."""
    return join(prefix, number(values, width=width))


def hexadecimal(values: npt.NDArray[np.uint64]) -> pa.Array:
    """Write 64-bit numbers as 16 hexadecimal digits."""
    octets = values.astype(">u8").view(np.uint8)
    digits = np.stack([_HEX[octets >> 4], _HEX[octets & 15]], axis=1).tobytes()
    offsets = np.arange(0, 16 * len(values) + 1, 16, dtype=np.int32)
    buffers = pa.py_buffer(offsets.tobytes()), pa.py_buffer(digits)
    return pa.StringArray.from_buffers(len(values), *buffers)


def md5(values: pa.Array) -> pa.Array:
    """Return the MD5 of each text as 32 hexadecimal digits; null stays null."""
    import duckdb

    with duckdb.connect(config={"threads": 1}) as connection:
        connection.register("texts", pa.table({"value": values}))
        digests = connection.sql("SELECT md5(value) AS digest FROM texts").to_arrow_table()
    return digests["digest"].combine_chunks()


def instants(seconds: Ints) -> pa.Array:
    """Turn local seconds since 1970 into times without a zone."""
    return pa.array(seconds).cast(pa.timestamp("s"))


def clock(seconds: Ints) -> pa.Array:
    """Write local seconds since 1970 as ``2024-07-01 09:30:00``."""
    return instants(seconds).cast(pa.string())


def dates(days: Ints, *, missing: Flags | None = None) -> pa.Array:
    """Turn days since 1970 into dates, null where ``missing``."""
    return pa.array(days.astype(np.int32), mask=missing).cast(pa.date32())


def written_days(days: Ints, form: Ints) -> pa.Array:
    """Write days since 1970 in one of the forms that one column of a real export mixes.

    Form 0 is ``2024/3/5``, 1 is ``2024-03-05``, 2 is ``2024年3月5日``.
    """
    dates = days.astype("datetime64[D]")
    month = dates.astype("datetime64[M]")
    year = dates.astype("datetime64[Y]").astype(np.int64) + 1970
    y, m = number(year), month.astype(np.int64) % 12 + 1
    d = (dates - month.astype("datetime64[D]")).astype(np.int64) + 1
    slashed = join(y, "/", number(m), "/", number(d))
    dashed = join(y, "-", number(m, width=2), "-", number(d, width=2))
    spelled = join(y, "年", number(m), "月", number(d), "日")
    return pc.choose(pa.array(form), slashed, dashed, spelled)


def overwritten(column: pa.Array, where: Flags, *, by: pa.Array | str | None) -> pa.Array:
    """Return ``column`` with ``by`` (null: a missing cell) in the rows ``where``."""
    other = pa.scalar(None, pa.string()) if by is None else by
    return pc.if_else(pa.array(where), other, column)


def usable(column: pa.Array) -> int:
    """Count the cells that hold something: not missing, not blank, not 无 or null."""
    empty = pa.array(["", "无", "null", "NULL", "0"])
    told = pc.and_(pc.is_valid(column), pc.invert(pc.is_in(column, value_set=empty)))
    return int(pc.sum(told).as_py() or 0)
