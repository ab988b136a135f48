"""Writes columns as the files that real systems export: CSV, JSON lines, Parquet, Excel.

The same columns always give the same bytes: no file carries the time of writing, and chunks
have fixed sizes, because a compressor's output depends on how it was fed.
"""

import gzip
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from itertools import pairwise
from pathlib import Path
from typing import IO, Literal

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

from loaders.demo.draw import Ints
from loaders.demo.text import join

Formats = Literal["files", "parquet"]

CHUNK_ROWS = 100_000
SHEET_ROWS = 1_000_000  # Excel ends at 1,048,576; the header and round numbers fit below
_GZIP_LEVEL = 3  # twice as fast as the default for a tenth more bytes
_PLAIN = r'[",\r\n]'  # what makes a CSV cell need quotes


@dataclass(frozen=True)
class Extract:
    """One relation that a system exports.

    Parameters
    ----------
    name
        How the manifest calls it.
    path
        Where it lies under the company's folder; its ending decides the format, and ``*``
        stands for a month where the system writes one file a month.
    rows
        The table; times and dates that a file shows as text are text here already.
    encoding
        Of a CSV file. ``utf-8-sig`` brings a byte-order mark.
    line_end
        Of a CSV file.
    month
        The month of each row, as months since 1970, ascending; only with ``*`` in the path.
    """

    name: str
    path: str
    rows: pa.Table
    encoding: str = "utf-8"
    line_end: str = "\n"
    month: Ints | None = None

    def in_format(self, formats: Formats) -> "Extract":
        """Return the same relation as one Parquet file, or unchanged for ``files``."""
        if formats == "files":
            return self
        stem = self.path.split(".")[0].replace("_*", "")
        return replace(self, path=f"{stem}.parquet", encoding="utf-8", month=None)

    def parts(self) -> dict[str, pa.Table]:
        """Return the rows of each file by its path: one a month where the path has a ``*``."""
        if self.month is None:
            return {self.path: self.rows}
        months, starts = np.unique(self.month, return_index=True)
        edges = [*starts.tolist(), len(self.month)]
        labels = np.datetime_as_string(months.astype("datetime64[M]"))
        return {
            self.path.replace("*", label.replace("-", "")): self.rows.slice(start, end - start)
            for label, (start, end) in zip(labels.tolist(), pairwise(edges), strict=True)
        }


def write_extract(extract: Extract, folder: Path) -> dict[str, int]:
    """Write every file of ``extract`` under ``folder``; return the rows by path.

    Months that an earlier, broken-off run left behind go, or the manifest's pattern would
    find them.
    """
    for left in folder.glob(extract.path):
        left.unlink()
    parts = extract.parts()
    with ThreadPoolExecutor(max_workers=2) as pool:  # Arrow and zlib let go of the interpreter
        list(pool.map(lambda path: _write_part(extract, parts[path], target=folder / path), parts))
    return {path: rows.num_rows for path, rows in parts.items()}


def _write_part(extract: Extract, rows: pa.Table, *, target: Path) -> None:
    target.parent.mkdir(parents=True, exist_ok=True)
    suffix = Path(target.name.removesuffix(".gz")).suffix
    if suffix == ".parquet":
        write_parquet(rows, target)
    elif suffix == ".xlsx":
        write_xlsx(rows, target)
    else:
        chunks = json_chunks(rows) if suffix == ".jsonl" else csv_chunks(rows, extract)
        _write_chunks(chunks, target)


def _write_chunks(chunks: Iterator[bytes], target: Path) -> None:
    with target.open("wb") as plain:
        if target.suffix != ".gz":
            plain.writelines(chunks)
            return
        with gzip.GzipFile("", "wb", _GZIP_LEVEL, plain, mtime=0) as packed:
            packed.writelines(chunks)


def write_parquet(rows: pa.Table, target: Path | IO[bytes]) -> None:
    """Write ``rows`` as Parquet in groups that a reader can take one at a time."""
    pq.write_table(rows, target, row_group_size=1_000_000, compression="zstd", compression_level=1)


def csv_chunks(rows: pa.Table, extract: Extract) -> Iterator[bytes]:
    """Yield a CSV file in pieces: header first, quotes only where a cell needs them."""
    header = ",".join(rows.column_names) + extract.line_end
    yield header.encode(extract.encoding)
    plain = extract.encoding.removesuffix("-sig")  # the mark stands once, before the header
    for chunk in _chunks(rows):
        cells = [_csv_cell(column) for column in chunk.columns]
        lines = pc.binary_join_element_wise(*cells, ",", null_handling="replace")
        yield _encoded(join(lines, extract.line_end), plain)


def json_chunks(rows: pa.Table) -> Iterator[bytes]:
    """Yield a JSON lines file in pieces."""
    for chunk in _chunks(rows):
        fields = _json_object(chunk.column_names, [c.combine_chunks() for c in chunk.columns])
        yield _encoded(join(fields, "\n"), "utf-8")


def _chunks(rows: pa.Table) -> Iterator[pa.Table]:
    for start in range(0, rows.num_rows, CHUNK_ROWS):
        yield rows.slice(start, CHUNK_ROWS).combine_chunks()


def _csv_cell(column: pa.ChunkedArray) -> pa.Array:
    text = column.combine_chunks().cast(pa.string())
    quotable = pc.match_substring_regex(text, _PLAIN)
    if not pc.any(quotable).as_py():
        return text
    quoted = join('"', pc.replace_substring(text, '"', '""'), '"')
    return pc.if_else(quotable, quoted, text)


def _json_object(names: list[str], columns: list[pa.Array]) -> pa.Array:
    parts: list[pa.Array | str] = ["{"]
    for n_before, (name, column) in enumerate(zip(names, columns, strict=True)):
        parts += [f'{"," if n_before else ""}"{name}":', _json_value(column)]
    return join(*parts, "}")


def _json_value(column: pa.Array) -> pa.Array:
    if pa.types.is_struct(column.type):
        return _json_object([field.name for field in column.type], column.flatten())
    text = column.cast(pa.string())
    if pa.types.is_string(column.type) or pa.types.is_timestamp(column.type):
        escaped = pc.replace_substring(pc.replace_substring(text, "\\", "\\\\"), '"', '\\"')
        text = join('"', escaped, '"')
    return pc.fill_null(text, "null")


def _encoded(lines: pa.Array, encoding: str) -> bytes:
    """Return the lines as one run of bytes: the array's own buffer holds them end to end."""
    ends = np.frombuffer(lines.buffers()[1], dtype=np.int32)
    octets = bytes(lines.buffers()[2])[: int(ends[len(lines)])]
    return octets if encoding == "utf-8" else octets.decode().encode(encoding)


def write_xlsx(rows: pa.Table, target: Path, *, sheet_rows: int = SHEET_ROWS) -> None:
    """Write ``rows`` as text cells, going on in a further sheet after ``sheet_rows``."""
    import xlsxwriter

    with xlsxwriter.Workbook(str(target), {"constant_memory": True}) as book:
        book.set_properties({"created": datetime(2026, 7, 1, tzinfo=UTC)})
        for start in range(0, max(rows.num_rows, 1), sheet_rows):
            sheet = book.add_worksheet(f"Sheet{start // sheet_rows + 1}")
            sheet.write_row(0, 0, rows.column_names)
            lines = zip(*rows.slice(start, sheet_rows).to_pydict().values(), strict=True)
            for place, line in enumerate(lines, start=1):
                sheet.write_row(place, 0, line)
