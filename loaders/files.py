"""Source files: which ones a manifest names, and whether each can be used at all.

CSV and Excel are read as text: guessing types loses leading zeros. Parquet and JSON keep
their types. Whatever is wrong with a whole file (missing, empty, cut off, another
encoding) is found here, before the first write; what is wrong with one record is rejected
with its number.
"""

import hashlib
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

from graph.errors import some
from graph.language import Text
from loaders.errors import FileError
from loaders.jsonfiles import examine_json
from loaders.manifest import ENDINGS, FilePart
from loaders.sourcefile import EXPORT_AGAIN, PACKED, Relation, SourceFile, check_names
from loaders.textfiles import examine_csv, plain_copy
from loaders.workbooks import examine_workbook


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
    files = tuple(_examine(path, part, data=data, tmp=tmp) for path in paths)
    # objects leave out what they do not know; a table has all its columns in every file
    shapes = {(f.form, frozenset(f.columns)) for f in files if f.structure == ""}
    if len(shapes) > 1 or len({bool(f.structure) for f in files}) > 1:
        names = some([file.name for file in files])
        problem = Text(f"the files {names} have different columns", f"文件 {names} 的列不一致")
        remedy = Text("Give each form its own entry", "请为每种结构单独列一项")
        raise FileError(file=part.path, problem=problem, remedy=remedy)
    return Relation(name, files, tuple(_named(path, data) for path in repeated))


def form_of(path: Path) -> str:
    """Return how a file is read, by its ending: csv, json, jsonl, parquet or xlsx."""
    name = path.name.lower()
    ending = Path(name.removesuffix(PACKED)).suffix
    form = {".tsv": "csv", ".txt": "csv", ".ndjson": "jsonl"}.get(ending, ending[1:])
    if ending not in ENDINGS or (name.endswith(PACKED) and form in ("parquet", "xlsx")):
        known = ", ".join(ENDINGS)
        remedy = Text(
            f"Known endings: {known}, text ones also with .gz",
            f"可用的扩展名：{known}，文本文件可再加 .gz",
        )
        problem = Text("its ending is unknown", "扩展名未知")
        raise FileError(file=path.name, problem=problem, remedy=remedy)
    return form


def _matching(pattern: str, *, data: Path) -> list[Path]:
    """Return the files that a path or glob names, all inside the data folder."""
    root = data.resolve()
    outside = Path(pattern).is_absolute() or ".." in Path(pattern).parts
    paths = [] if outside else _found(root, pattern)
    if outside or any(not p.resolve().is_relative_to(root) for p in paths):
        remedy = Text(
            "A manifest reads only files below its data folder; copy the file there",
            "清单只能读取数据目录之下的文件，请把文件复制到该目录",
        )
        problem = Text("it lies outside the data folder", "它位于数据目录之外")
        raise FileError(file=pattern, problem=problem, remedy=remedy)
    if not paths:
        remedy = Text(
            f"Files are looked for in {data}; use --data for another folder",
            f"在 {data} 中查找文件，可用 --data 指定其他目录",
        )
        problem = Text("there is no such file", "没有这个文件")
        raise FileError(file=pattern, problem=problem, remedy=remedy)
    return paths


def _found(root: Path, pattern: str) -> list[Path]:
    """Return the file called ``pattern``, else those that it matches as a glob."""
    try:
        if (root / pattern).is_file():
            return [root / pattern]
        return sorted(path for path in root.glob(pattern) if path.is_file())
    except ValueError:  # a NUL, or two stars beside a letter
        return []


def _named(path: Path, data: Path) -> str:
    return path.relative_to(data.resolve()).as_posix()


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


def _examine(path: Path, part: FilePart, *, data: Path, tmp: Path) -> SourceFile:
    file = SourceFile(path, path, form_of(path), _named(path, data))
    if path.stat().st_size == 0:
        problem = Text("the file is empty", "文件为空")
        raise FileError(file=file.name, problem=problem, remedy=EXPORT_AGAIN)
    if file.form == "xlsx":
        return examine_workbook(file, part)
    if file.form == "parquet":
        return _examine_parquet(file)
    readable = plain_copy(file, part.encoding, tmp=tmp)
    if file.form == "csv":
        return examine_csv(file, part, readable=readable)
    return examine_json(file, readable=readable)


def _examine_parquet(file: SourceFile) -> SourceFile:
    import pyarrow as pa
    import pyarrow.parquet as pq

    try:
        names = pq.read_schema(file.path).names
    except (pa.ArrowInvalid, OSError):
        problem = Text("the Parquet file is cut off or damaged", "Parquet 文件不完整或已损坏")
        raise FileError(file=file.name, problem=problem, remedy=EXPORT_AGAIN) from None
    check_names(names, file=file.name)
    return replace(file, columns=tuple(names))
