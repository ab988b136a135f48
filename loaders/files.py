"""Source files as relations of text columns, each row with its file and line.

CSV and Excel are read as text: guessing types loses leading zeros. Parquet and JSON keep
their types. Whatever is wrong with a whole file (missing, empty, cut off, another
encoding) is found here, before the first write; what is wrong with one record is rejected
with its number.
"""

import codecs
import csv
import gzip
import hashlib
import zlib
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from itertools import islice
from pathlib import Path

from loaders.errors import FileError
from loaders.manifest import ENDINGS, FilePart

CHUNK = 1 << 20
SEPARATORS = {",": "comma", ";": "semicolon", "\t": "tab", "|": "bar"}


@dataclass(frozen=True, slots=True)
class SourceFile:
    """One file of a relation: where it lies and how it is read.

    ``readable`` is the path that DuckDB reads: the file itself, or its UTF-8 copy in the
    home's temporary folder.
    """

    path: Path
    readable: Path
    form: str
    delimiter: str = ","
    columns: tuple[str, ...] = ()
    header: bool = True
    sheet: str | None = None


@dataclass(frozen=True, slots=True)
class Relation:
    """The files behind one name of a manifest; ``repeated`` are equal to another file."""

    name: str
    files: tuple[SourceFile, ...]
    repeated: tuple[str, ...] = field(default=())


def open_relation(name: str, part: FilePart, *, data: Path, tmp: Path) -> Relation:
    """Find and examine the files of one manifest entry.

    Parameters
    ----------
    name
        The entry's name.
    part
        Its path or pattern and options.
    data
        The folder that the path is relative to.
    tmp
        Where UTF-8 copies of files in other encodings may lie; readable by us alone.

    Raises
    ------
    FileError
        If a file is missing, empty, cut off, or outside the data folder.
    """
    paths, repeated = _distinct(_matching(part.path, data=data))
    files = tuple(_examine(path, part, tmp=tmp) for path in paths)
    shapes = {(f.form, frozenset(f.columns)) for f in files}
    if len(shapes) > 1:
        names = ", ".join(path.name for path in paths)
        problem = f"the files {names} have different columns"
        raise FileError(file=part.path, problem=problem, remedy="Give each form its own entry.")
    return Relation(name, files, tuple(path.name for path in repeated))


def _matching(pattern: str, *, data: Path) -> list[Path]:
    """Return the files that a path or glob names, all inside the data folder."""
    root = data.resolve()
    outside = Path(pattern).is_absolute() or ".." in Path(pattern).parts
    paths = [] if outside else sorted(p for p in root.glob(pattern) if p.is_file())
    if outside or any(not p.resolve().is_relative_to(root) for p in paths):
        remedy = "A manifest reads only files below its data folder; copy the file there."
        raise FileError(file=pattern, problem="it lies outside the data folder", remedy=remedy)
    if not paths:
        remedy = f"Files are looked for in {data}; use --data for another folder."
        raise FileError(file=pattern, problem="there is no such file", remedy=remedy)
    return paths


def _distinct(paths: Sequence[Path]) -> tuple[list[Path], list[Path]]:
    """Part files from those whose bytes are those of an earlier one."""
    if len(paths) == 1:
        return list(paths), []
    first: list[Path] = []
    repeated: list[Path] = []
    seen: set[bytes] = set()
    for path in paths:
        digest = _digest(path)
        (repeated if digest in seen else first).append(path)
        seen.add(digest)
    return first, repeated


def _digest(path: Path) -> bytes:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "blake2b").digest()


def _examine(path: Path, part: FilePart, *, tmp: Path) -> SourceFile:
    form = form_of(path)
    if path.stat().st_size == 0:
        raise FileError(file=path.name, problem="the file is empty", remedy="Export it again.")
    if path.suffix == ".gz":
        _check_gzip(path)
    if form == "xlsx":
        return SourceFile(path, path, form, sheet=part.sheet)
    if form == "parquet":
        _check_parquet(path)
        return SourceFile(path, path, form)
    readable = path if _is_utf8(part.encoding) else _transcoded(path, part.encoding, tmp=tmp)
    if form == "csv":
        return _examine_csv(path, part, readable=readable)
    return SourceFile(path, readable, form)


def form_of(path: Path) -> str:
    """Return how a file is read, by its ending: csv, json, jsonl, parquet or xlsx."""
    name = path.name.lower().removesuffix(".gz")
    ending = Path(name).suffix
    if ending not in ENDINGS:
        remedy = f"Known endings: {', '.join(ENDINGS)}, text ones also with .gz."
        raise FileError(file=path.name, problem="its ending is unknown", remedy=remedy)
    return {".tsv": "csv", ".txt": "csv", ".ndjson": "jsonl"}.get(ending, ending[1:])


def _is_utf8(encoding: str) -> bool:
    return codecs.lookup(encoding).name in ("utf-8", "utf-8-sig", "ascii")


def _check_gzip(path: Path) -> None:
    try:
        for _ in _chunks(path):
            pass
    except (EOFError, zlib.error, gzip.BadGzipFile):
        problem = "the gzip file is cut off or damaged"
        raise FileError(file=path.name, problem=problem, remedy="Fetch it again.") from None


def _check_parquet(path: Path) -> None:
    import pyarrow as pa
    import pyarrow.parquet as pq

    try:
        pq.ParquetFile(path).close()
    except (pa.ArrowInvalid, OSError):
        problem = "the Parquet file is cut off or damaged"
        raise FileError(file=path.name, problem=problem, remedy="Export it again.") from None


def _chunks(path: Path) -> Iterator[bytes]:
    opener = gzip.open if path.suffix == ".gz" else Path.open
    with opener(path, "rb") as file:
        while chunk := file.read(CHUNK):
            yield chunk


def _transcoded(path: Path, encoding: str, *, tmp: Path) -> Path:
    """Write a UTF-8 copy; DuckDB's own decoders would have to be downloaded."""
    name = hashlib.blake2b(str(path).encode(), digest_size=8).hexdigest()
    copy = tmp / f"{name}-{path.name.removesuffix('.gz')}"
    try:
        with copy.open("w", encoding="utf-8", newline="") as out:
            copy.chmod(0o600)
            out.writelines(codecs.iterdecode(_chunks(path), encoding))
    except UnicodeDecodeError as error:
        copy.unlink(missing_ok=True)
        problem = f"byte {error.start} of a block is not {encoding}"
        remedy = "Name the file's encoding in the manifest."
        raise FileError(file=path.name, problem=problem, remedy=remedy) from None
    return copy


def _examine_csv(path: Path, part: FilePart, *, readable: Path) -> SourceFile:
    delimiter = part.delimiter or ("\t" if ".tsv" in path.name.lower() else ",")
    first = _first_record(readable, delimiter, file=path.name)
    columns = first if part.header else _numbered(len(first))
    doubles = sorted({name for name in columns if columns.count(name) > 1})
    if doubles or "" in columns:
        problem = f"the header names {doubles[0]!r} twice" if doubles else "a column has no name"
        raise FileError(file=path.name, problem=problem, remedy="Correct the header.")
    return SourceFile(path, readable, "csv", delimiter, tuple(columns), part.header)


def _numbered(count: int) -> list[str]:
    """Name the columns of a file without a header as DuckDB does: column0, column1."""
    width = len(str(count - 1))
    return [f"column{i:0{width}d}" for i in range(count)]


def _first_record(readable: Path, delimiter: str, *, file: str) -> list[str]:
    opener = gzip.open if readable.suffix == ".gz" else open
    try:
        with opener(readable, "rt", encoding="utf-8-sig", newline="") as lines:
            # a record longer than this is no header
            records = csv.reader(islice(lines, 100), delimiter=delimiter)
            return [cell.strip() for cell in next(records, [])]
    except UnicodeDecodeError:
        remedy = 'Name its encoding in the manifest, for example encoding = "gb18030".'
        raise FileError(file=file, problem="it is not UTF-8", remedy=remedy) from None
    except csv.Error:
        remedy = "Name the delimiter and encoding in the manifest."
        raise FileError(file=file, problem="its header cannot be read", remedy=remedy) from None


def delimiter_hint(file: SourceFile) -> str:
    """Say which other delimiter the header seems to use; empty when there is no sign."""
    if len(file.columns) != 1:
        return ""
    others = [name for sign, name in SEPARATORS.items() if sign in file.columns[0]]
    return f" (the header looks separated by {others[0]})" if others else ""
