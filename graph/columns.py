"""Values on their way between Arrow columns and the graph, kind by kind.

Python never builds a record: a column is one Arrow array here, one list on the wire. Times
cross as epoch milliseconds and days as epoch days, because the driver's own times cost
fifteen times as much. Money is a whole number of ten-thousandths everywhere but inside the
graph, which holds currency units, so that analysts can read them.

An empty list and an empty text inside a list state nothing: they are stored as nothing,
because the offline importer cannot tell them from it.
"""

from collections.abc import Iterable, Mapping, Sequence
from datetime import UTC, datetime, timedelta
from typing import Final

import pyarrow as pa
import pyarrow.compute as pc

from graph.errors import GraphError, some
from graph.language import Text
from graph.properties import Kind
from graph.spec import MONEY_SCALE, Element, NodeSpec, PropertySpec

START: Final = "start_id"
END: Final = "end_id"
TIME = pa.timestamp("ms", tz="UTC")
_EPOCH: Final = datetime(1970, 1, 1, tzinfo=UTC)
# `collect` drops nulls, so reads put this in their place, as parameter `$nothing`; no stored
# text can be it, because loads take control characters out of texts.
NOTHING: Final = "\x00"

ARROW_TYPES: Mapping[Kind, pa.DataType] = {
    "key": pa.string(),
    "text": pa.string(),
    "code": pa.string(),
    "json": pa.string(),
    "time": TIME,
    "date": pa.date32(),
    "integer": pa.int64(),
    "number": pa.float64(),
    "money": pa.int64(),
    "boolean": pa.bool_(),
    "texts": pa.list_(pa.string()),
}
# A column as whole numbers before it is sent.
_WIRE_TYPES: Mapping[Kind, pa.DataType] = {"time": pa.int64(), "date": pa.int32()}
# What stands in a query around a parameter that is stored, and around a value that is read.
_STORED: Mapping[Kind, str] = {
    "time": "CASE WHEN {0} IS NULL THEN null ELSE datetime({{epochMillis: {0}}}) END",
    "date": "CASE WHEN {0} IS NULL THEN null "
    "ELSE date({{year: 1970}}) + duration({{days: {0}}}) END",
    "money": "{0} / 10000.0",
}
_READ: Mapping[Kind, str] = {
    "time": "{0}.epochMillis",
    "date": "duration.inDays(date({{year: 1970}}), {0}).days",
}


class UndeclaredColumnError(GraphError):
    """Rows have a column that their element does not declare, or lack one that identifies them."""

    text = Text(
        "{element} and its rows disagree on: {columns}. Declared are: {declared}.",
        "{element} 与其数据行的列不一致：{columns}。已声明的列：{declared}。",
    )


def properties_by_column(element: Element) -> dict[str, PropertySpec]:
    """Return the columns that rows of an element may have: what identifies them first."""
    if isinstance(element, NodeSpec):
        key = next(p for p in element.properties if p.name == element.key)
        return {element.key: key} | {p.name: p for p in element.properties}
    ends = {name: PropertySpec(name, "key", Text(name, name)) for name in (START, END)}
    return ends | {p.name: p for p in element.properties}


def identity_of(element: Element) -> tuple[str, ...]:
    """Return the columns that tell rows of an element apart."""
    if isinstance(element, NodeSpec):
        return (element.key,)
    return (START, END, element.key) if element.key else (START, END)


def schema_of(properties: Mapping[str, PropertySpec]) -> pa.Schema:
    """Return the Arrow schema of columns, in order."""
    return pa.schema([(name, ARROW_TYPES[p.kind]) for name, p in properties.items()])


def fitted(element: Element, rows: pa.Table) -> pa.Table:
    """Return ``rows`` in the types of their declaration, sorted by what identifies them.

    Sorted rows make batches that do not depend on the order of a file, and reach the
    graph's pages and indexes in their own order.

    Raises
    ------
    UndeclaredColumnError
        If a column is not declared, or one that identifies rows is missing.
    """
    declared = properties_by_column(element)
    identity = identity_of(element)
    wrong = set(rows.column_names) - set(declared) | set(identity) - set(rows.column_names)
    if wrong:
        raise UndeclaredColumnError(
            element=element.name, columns=some(sorted(wrong)), declared=", ".join(declared)
        )
    typed = as_declared(rows, {name: declared[name] for name in rows.column_names})
    return typed.sort_by([(name, "ascending") for name in identity])


def as_declared(rows: pa.Table, properties: Mapping[str, PropertySpec]) -> pa.Table:
    """Return the columns that ``properties`` name, in their order and types."""
    schema = schema_of(properties)
    # not safe: a time that carries microseconds is cut to the millisecond, as promised
    columns = [rows[field.name].cast(field.type, safe=False) for field in schema]
    return pa.Table.from_arrays(columns, schema=schema)


def as_parameters(
    rows: pa.Table, properties: Mapping[str, PropertySpec]
) -> dict[str, list[object]]:
    """Return each column as the list that a query gets, under the column's name."""
    return {name: _as_list(rows[name], properties[name].kind) for name in rows.column_names}


def _as_list(column: pa.ChunkedArray, kind: Kind) -> list[object]:
    if kind == "texts":
        return [stated(texts) for texts in column.to_pylist()]
    values: list[object] = column.cast(_WIRE_TYPES.get(kind, column.type)).to_pylist()
    return values


def stated(texts: Sequence[str] | None) -> list[str] | None:
    """Return what a list states: its texts without empty ones, None where none is left."""
    return [text for text in texts or () if text] or None


def as_column(values: Sequence[object], kind: Kind) -> pa.Array:
    """Return values that a query has read as an Arrow array of their kind."""
    if NOTHING in values:
        values = [None if value == NOTHING else value for value in values]
    if kind == "money":
        # exact below 9e11 currency units: the quotient is off by less than half a step
        units = pa.array(values, pa.float64())
        return pc.round(pc.multiply(units, float(MONEY_SCALE))).cast(pa.int64())
    return pa.array(values, _WIRE_TYPES.get(kind, ARROW_TYPES[kind])).cast(ARROW_TYPES[kind])


def stored_form(kind: Kind, parameter: str) -> str:
    """Return the Cypher expression that stores a parameter.

    >>> stored_form("money", "$amount[i]")
    '$amount[i] / 10000.0'
    """
    return _STORED.get(kind, "{0}").format(parameter)


def read_form(kind: Kind, value: str, *, is_identity: bool = False) -> str:
    """Return the Cypher expression that reads a value for `as_column`.

    >>> read_form("time", "r.at")
    'coalesce(r.at.epochMillis, $nothing)'
    """
    read = _READ.get(kind, "{0}").format(value)
    return read if is_identity else f"coalesce({read}, $nothing)"


def milliseconds(instant: datetime) -> int:
    """Return an instant, which must know its zone, as epoch milliseconds."""
    return (instant - _EPOCH) // timedelta(milliseconds=1)


def slices(rows: pa.Table, *, most_rows: int, most_bytes: int) -> Iterable[pa.Table]:
    """Cut a table into consecutive pieces that are small in rows and in bytes.

    A row larger than ``most_bytes`` is a piece of its own.
    """
    for start in range(0, rows.num_rows, most_rows):
        yield from _halved(rows.slice(start, most_rows), most_bytes)


def _halved(rows: pa.Table, most_bytes: int) -> Iterable[pa.Table]:
    if rows.num_rows == 1 or rows.nbytes <= most_bytes:
        yield rows
        return
    middle = rows.num_rows // 2
    yield from _halved(rows.slice(0, middle), most_bytes)
    yield from _halved(rows.slice(middle), most_bytes)
