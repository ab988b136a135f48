"""JSON files: one array of objects, or one object a line; which it is shows at the start.

The common structure of all objects is worked out once. A record that is no object is
rejected with its number; an array that is not whole is a bad file, because where its
records begin and end can no longer be told.
"""

import gzip
import json
from dataclasses import replace
from pathlib import Path

from graph.difference import quoted
from graph.engine import unspilling
from graph.language import Text
from loaders.errors import FileError
from loaders.sourcefile import EXPORT_AGAIN, PACKED, SourceFile, check_names

# bytes of one record; a longer one is rejected with its number. DuckDB 2.0 sets aside
# fourteen times as much for every packed file that it reads
LINE_LIMIT = 10_000_000


def examine_json(file: SourceFile, *, readable: Path) -> SourceFile:
    """Return the file with the structure that its objects share.

    Raises
    ------
    FileError
        If an array is cut off, or no record is an object.
    """
    import duckdb

    form = "json" if _first_sign(readable) == "[" else "jsonl"
    found = replace(file, readable=readable, form=form)
    try:
        structure, broken = _structure(found)
    except duckdb.Error:
        problem = Text("the JSON array is cut off or damaged", "JSON 数组不完整或已损坏")
        raise FileError(file=file.name, problem=problem, remedy=EXPORT_AGAIN) from None
    if not structure:
        problem = Text("no record of it is a JSON object", "其中没有一条记录是 JSON 对象")
        remedy = Text("Write one object a line, or one array", "请每行写一个对象，或写成一个数组")
        raise FileError(file=file.name, problem=problem, remedy=remedy)
    columns = tuple(json.loads(structure))
    check_names(columns, file=file.name)
    return replace(found, structure=structure, columns=columns, broken=broken)


def records(file: SourceFile) -> str:
    """Return the query of a file's records: ``json`` (null where it is none) and ``_line``."""
    kind = "array" if file.form == "json" else "newline_delimited"
    # an array is one value: DuckDB cannot skip a part of it
    lenient = str(file.form != "json").lower()
    return (
        "SELECT json, row_number() OVER () AS _line FROM "
        f"read_json_objects('{quoted(file.readable)}', format = '{kind}', "
        f"ignore_errors = {lenient}, maximum_object_size = {LINE_LIMIT})"
    )


def _structure(file: SourceFile) -> tuple[str, tuple[int, ...]]:
    """Return the common structure of all objects, and the numbers of the other records."""
    is_object = "json_type(json) = 'OBJECT'"
    query = (
        f"SELECT json_group_structure(CASE WHEN {is_object} THEN json END)::VARCHAR, "
        f"list(_line ORDER BY _line) FILTER (({is_object}) IS NOT TRUE) FROM ({records(file)})"
    )
    with unspilling() as connection:
        row = connection.execute(query).fetchone()
    structure, broken = row or (None, None)
    return _readable_types(structure or ""), tuple(broken or ())


def _readable_types(structure: str) -> str:
    """Read what has no type, or now one and now another, as text."""
    for untyped in ('"JSON"', '"NULL"', "{}"):
        structure = structure.replace(untyped, '"VARCHAR"')
    return "" if structure == '"VARCHAR"' else structure


def _first_sign(readable: Path) -> str:
    opener = gzip.open if readable.name.lower().endswith(PACKED) else open
    with opener(readable, "rt", encoding="utf-8", errors="replace") as text:
        return next((sign for line in text if (sign := line.strip()[:1])), "")
