"""Text files as DuckDB can read them: unpacked far enough to know that they are whole, UTF-8.

DuckDB's own decoders would have to be downloaded, and its reader stops at a file whose
lines end now in one way, now in another; such files get a plain copy in the home's
temporary folder.
"""

import codecs
import csv
import gzip
import hashlib
import io
import zlib
from collections.abc import Iterator
from dataclasses import dataclass, replace
from itertools import islice
from pathlib import Path

from graph.language import Text
from loaders.errors import FileError
from loaders.manifest import FilePart
from loaders.sourcefile import PACKED, SourceFile, check_names

CHUNK = 1 << 20
SEPARATORS = {
    ",": Text("comma", "逗号"),
    ";": Text("semicolon", "分号"),
    "\t": Text("tab", "制表符"),
    "|": Text("bar", "竖线"),
}
NAME_ENCODING = Text(
    'Name its encoding in the manifest, for example encoding = "gb18030"',
    '请在清单中注明编码，例如 encoding = "gb18030"',
)


@dataclass(frozen=True, slots=True)
class _Sight:
    """What a look at all bytes of a file tells."""

    starts_with_mark: bool
    has_mixed_ends: bool


def plain_copy(file: SourceFile, encoding: str, *, tmp: Path) -> Path:
    """Return the path of the file's text as DuckDB reads it: the file itself where it can be.

    Raises
    ------
    FileError
        If the file is cut off, damaged, or in another encoding than named.
    """
    sight = _look(file)
    is_utf8 = codecs.lookup(encoding).name in ("utf-8", "utf-8-sig", "ascii")
    if is_utf8:
        _check_utf8(file)
    # a mark before the first brace makes the first object unreadable
    marked = sight.starts_with_mark and file.form != "csv"
    if is_utf8 and not marked and not sight.has_mixed_ends:
        return file.path
    return _copied(file, "utf-8-sig" if is_utf8 else encoding, tmp=tmp)


def examine_csv(file: SourceFile, part: FilePart, *, readable: Path) -> SourceFile:
    """Return the file with its columns, whose names stand in the first record or are made up.

    Raises
    ------
    FileError
        If the first record cannot be read, or names a column twice or not at all.
    """
    delimiter = part.delimiter or ("\t" if ".tsv" in file.path.name.lower() else ",")
    first = _first_record(readable, delimiter, file=file.name)
    columns = first if part.header else _numbered(len(first))
    check_names(columns, file=file.name)
    return replace(
        file,
        readable=readable,
        delimiter=delimiter,
        columns=tuple(columns),
        header=part.header,
    )


def delimiter_hint(file: SourceFile) -> Text:
    """Say which other delimiter the header seems to use; empty when there is no sign."""
    if file.form != "csv" or len(file.columns) != 1:
        return Text("", "")
    for sign, name in SEPARATORS.items():
        if sign in file.columns[0] and sign != file.delimiter:
            return Text(
                f" (the header looks separated by {name.en}; name the delimiter in the manifest)",
                f"（表头似以{name.zh}分隔，请在清单中注明 delimiter）",
            )
    return Text("", "")


def _look(file: SourceFile) -> _Sight:
    marked, ends, windows_ends, last = False, 0, 0, b""
    try:
        for number, chunk in enumerate(_chunks(file.path)):
            marked = marked or (number == 0 and chunk.startswith(codecs.BOM_UTF8))
            ends += chunk.count(b"\n")
            windows_ends += chunk.count(b"\r\n") + (last == b"\r" and chunk[:1] == b"\n")
            last = chunk[-1:]
    except (EOFError, zlib.error, gzip.BadGzipFile):
        problem = Text("the gzip file is cut off or damaged", "gzip 文件不完整或已损坏")
        remedy = Text("Fetch it again", "请重新获取")
        raise FileError(file=file.name, problem=problem, remedy=remedy) from None
    return _Sight(marked, 0 < windows_ends < ends)


def _chunks(path: Path) -> Iterator[bytes]:
    opener = gzip.open if path.name.lower().endswith(PACKED) else Path.open
    with opener(path, "rb") as file:
        while chunk := file.read(CHUNK):
            yield chunk


def _check_utf8(file: SourceFile) -> None:
    """Refuse a file of which most lines that go beyond ASCII are not UTF-8.

    One such line among others is a dirty value, which is rejected with its number.
    """
    start = next(_chunks(file.path), b"")
    lines = start.split(b"\n")
    whole = lines[:-1] if len(start) == CHUNK and len(lines) > 1 else lines
    beyond = [line for line in whole if not line.isascii()]
    wrong = sum(not _is_utf8(line) for line in beyond)
    if wrong * 2 > len(beyond):
        problem = Text("it is not UTF-8", "它不是 UTF-8 编码")
        raise FileError(file=file.name, problem=problem, remedy=NAME_ENCODING)


def _is_utf8(line: bytes) -> bool:
    try:
        line.decode("utf-8")
    except UnicodeDecodeError:
        return False
    return True


def _copied(file: SourceFile, encoding: str, *, tmp: Path) -> Path:
    """Write a UTF-8 copy without a mark, every line ended by a newline."""
    digest = hashlib.blake2b(f"{file.path}|{encoding}".encode(), digest_size=8).hexdigest()
    ending = Path(file.path.name.lower().removesuffix(PACKED)).suffix
    copy = tmp / f"{digest}{ending}"
    # single bytes of UTF-8 that are wrong are rejected with their record, as without a copy
    errors = "surrogateescape" if encoding == "utf-8-sig" else "strict"
    decoder = codecs.getincrementaldecoder(encoding)(errors)
    plain = io.IncrementalNewlineDecoder(decoder, translate=True)
    read = 0
    try:
        with copy.open("w", encoding="utf-8", errors="surrogateescape", newline="") as out:
            copy.chmod(0o600)
            for chunk in _chunks(file.path):
                out.write(plain.decode(chunk))
                read += len(chunk)
            out.write(plain.decode(b"", final=True))
    except UnicodeDecodeError:
        copy.unlink(missing_ok=True)
        problem = Text(
            f"what stands after byte {read:,} is not {encoding}",
            f"第 {read:,} 字节之后的内容不是 {encoding} 编码",
        )
        raise FileError(file=file.name, problem=problem, remedy=NAME_ENCODING) from None
    return copy


def _numbered(count: int) -> list[str]:
    """Name the columns of a file without a header as DuckDB does: column0, column1."""
    width = len(str(count - 1))
    return [f"column{i:0{width}d}" for i in range(count)]


def _first_record(readable: Path, delimiter: str, *, file: str) -> list[str]:
    opener = gzip.open if readable.name.lower().endswith(PACKED) else open
    try:
        # a wrong byte further down is the matter of its own record
        with opener(readable, "rt", encoding="utf-8-sig", errors="replace", newline="") as lines:
            # a record longer than this is no header
            records = csv.reader(islice(lines, 100), delimiter=delimiter)
            first = [cell.strip() for cell in next(records, [])]
    except csv.Error:
        first = []
    if not any(first):
        problem = Text("its header cannot be read", "无法读取表头")
        remedy = Text(
            "Name the delimiter and encoding in the manifest", "请在清单中注明分隔符和编码"
        )
        raise FileError(file=file, problem=problem, remedy=remedy)
    return first
