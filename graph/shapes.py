"""How a table's row is put together from elements: the way back from graph to table.

The same shape serves both forms. Whether the elements come out of the graph or out of the
picture's files, the columns, joins, calendar days and customers are one SQL text, so the
two forms cannot drift apart in anything but the elements themselves.
"""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Final

import pyarrow as pa

from graph.columns import END, START, as_declared, properties_by_column
from graph.elements import UnknownTableError, asked_of
from graph.engine import engine
from graph.language import Text
from graph.properties import Kind
from graph.settings import Settings
from graph.spec import GraphSpec, LinkSpec, NodeSpec, PropertySpec, TableSpec

if TYPE_CHECKING:
    import duckdb

RESOLVED: Final = "Account-RESOLVED_TO-Customer"
CUSTOMER_ID: Final = PropertySpec("customer_id", "key", Text("Customer", "客户"))
# Of a value that is only kept under a hash, the table shows this column of its node.
SHOWN_OF_VALUE: Final = "masked"
# Sources' names hold no colon, and every id of theirs begins with one.
SOURCE_OF_ID: Final = "split_part({0}, ':', 1)"
DAY_OF_TIME: Final = "CAST({0} AS DATE)"

Provide = Callable[["duckdb.DuckDBPyConnection", Mapping[str, Sequence[str]]], None]
"""Makes a relation of each element's name, with at least the columns named for it."""


@dataclass(frozen=True, slots=True)
class Field:
    """A column of a table: a column of an element, in an SQL form."""

    kind: Kind
    element: str
    column: str
    form: str = "{0}"

    @property
    def place(self) -> str:
        """Return the column as SQL names it."""
        return f'"{self.element}"."{self.column}"'


@dataclass(frozen=True, slots=True)
class Join:
    """How an element meets the rows: its column equals a field of theirs."""

    column: str
    equals: Field


@dataclass(frozen=True, slots=True)
class Shape:
    """A table's columns, in order, and the elements they come from.

    ``base`` has one row a row of the table; it is the table's own name where the rows are
    kept in staging alone.
    """

    name: str
    base: str
    fields: Mapping[str, Field]
    joins: Mapping[str, Join] = field(default_factory=dict)

    @property
    def is_staged(self) -> bool:
        """Tell whether the rows are in staging alone."""
        return self.base == self.name

    def properties(self) -> dict[str, PropertySpec]:
        """Return the columns as properties, for their types."""
        return {n: PropertySpec(n, f.kind, Text(n, n)) for n, f in self.fields.items()}


def assemble(
    settings: Settings,
    shape: Shape,
    *,
    columns: Sequence[str] | None,
    timezone: str,
    provide: Provide,
) -> pa.Table:
    """Put a table together.

    Parameters
    ----------
    settings
        How much memory may be used, and where it spills.
    shape
        The table.
    columns
        What to return, in this order; None returns all columns.
    timezone
        The company's zone, in which a time's calendar day is told.
    provide
        Called once, with the elements that are needed.

    Raises
    ------
    UnknownColumnError
        If the table has no such column.
    """
    asked = {p.name: p for p in asked_of(shape.name, known=shape.properties(), columns=columns)}
    joins = _needed_joins(shape, asked)
    with engine(settings, timezone=timezone) as connection:
        provide(connection, _needed_columns(shape, asked, joins=joins))
        rows = connection.sql(_query(shape, asked, joins=joins)).to_arrow_table()
    return as_declared(rows, asked)


def shape_of(spec: GraphSpec, name: str) -> Shape:
    """Return the shape of a table: a fact table, ``resolution`` or ``customers``.

    Raises
    ------
    UnknownTableError
        If there is no such table.
    """
    if name in ("resolution", "customers"):
        return _knowledge_shape(spec, name)
    if name not in spec.tables:
        raise UnknownTableError(name=name, known=", ".join([*spec.tables, "resolution, customers"]))
    table = spec.tables[name]
    if table.node:
        shape = _node_shape(spec, table)
    elif table.relationship:
        shape = _relationship_shape(spec, table)
    else:
        shape = _staged_shape(table)
    return _with_days(_with_customer(shape))


def day_name(column: str) -> str:
    """Return what the calendar day of a time column is called.

    >>> day_name("ordered_at"), day_name("at")
    ('ordered_day', 'day')
    """
    return f"{column.removesuffix('at')}day"


def element_of(table: TableSpec, link: LinkSpec) -> str:
    """Return the relationship that a table's link is in the graph."""
    ends = (link.label, table.node) if link.inward else (table.node, link.label)
    return f"{ends[0]}-{link.relationship}-{ends[1]}"


def _knowledge_shape(spec: GraphSpec, name: str) -> Shape:
    base = RESOLVED if name == "resolution" else "Customer"
    called = {START: "account_id", END: "customer_id"}
    fields = {
        called.get(column, column): Field(p.kind, base, column)
        for column, p in properties_by_column(spec.element(base)).items()
    }
    return Shape(name, base, fields)


def _node_shape(spec: GraphSpec, table: TableSpec) -> Shape:
    node = spec.nodes[table.node]
    links = {table.column(link.column).stored: link for link in table.links}
    fields: dict[str, Field] = {}
    joins: dict[str, Join] = {}
    for column, kind in _columns(table, without=links):
        fields[column] = Field(kind, node.label, column)
    for column, link in links.items():
        element = element_of(table, link)
        own, other = (END, START) if link.inward else (START, END)
        fields[column] = Field("key", element, other)
        joins[element] = Join(own, fields[node.key])
    fields |= _source_fields(node)
    return Shape(table.name, node.label, fields, joins)


def _relationship_shape(spec: GraphSpec, table: TableSpec) -> Shape:
    link = spec.relationships[table.relationship]
    start, end = spec.nodes[link.start], spec.nodes[link.end]
    ends = {start.key: START, end.key: END}
    own = properties_by_column(link)
    fields: dict[str, Field] = {}
    judged = {**properties_by_column(end), **own}
    columns = [*_columns(table), *((name, judged[name].kind) for name in table.judged)]
    for column, kind in columns:
        name = ends.get(column, column)
        fields[column] = Field(kind, link.name if name in own else end.label, name)
    joins = {end.label: Join(end.key, fields[end.key])} if _is_used(end, fields) else {}
    fields["source"] = replace(fields[start.key], form=SOURCE_OF_ID)
    return Shape(table.name, link.name, fields, joins)


def _staged_shape(table: TableSpec) -> Shape:
    columns = [*_columns(table), ("source", "key")]
    fields = {column: Field(kind, table.name, column) for column, kind in columns}
    return Shape(table.name, table.name, fields)


def _columns(table: TableSpec, *, without: Iterable[str] = ()) -> list[tuple[str, Kind]]:
    """Return what a row keeps: what identifies it, then its columns."""
    kinds: dict[str, Kind] = dict.fromkeys(table.identity, "key")
    for column in table.columns:
        if not column.personal:
            kinds[column.stored] = column.kind
        elif column.name == "value":
            kinds[SHOWN_OF_VALUE] = "text"
    return [(column, kind) for column, kind in kinds.items() if column not in without]


def _source_fields(node: NodeSpec) -> dict[str, Field]:
    properties = properties_by_column(node)
    names = [name for name in ("source", "sources") if name in properties]
    return {name: Field(properties[name].kind, node.label, name) for name in names}


def _is_used(node: NodeSpec, fields: Mapping[str, Field]) -> bool:
    return any(f.element == node.label for f in fields.values())


def _with_customer(shape: Shape) -> Shape:
    if "account_id" not in shape.fields:
        return shape
    fields = {**shape.fields, CUSTOMER_ID.name: Field("key", RESOLVED, END)}
    joins = {**shape.joins, RESOLVED: Join(START, shape.fields["account_id"])}
    return replace(shape, fields=fields, joins=joins)


def _with_days(shape: Shape) -> Shape:
    days = {
        day_name(name): replace(f, kind="date", form=DAY_OF_TIME)
        for name, f in shape.fields.items()
        if f.kind == "time"
    }
    return replace(shape, fields={**shape.fields, **days})


def _needed_joins(shape: Shape, asked: Iterable[str]) -> dict[str, Join]:
    """Return the joins that the asked columns rest on, in the order of the shape."""
    wanted = {shape.fields[name].element for name in asked}
    # a join may stand on an earlier one, never on a later
    for element, join in reversed(list(shape.joins.items())):
        if element in wanted:
            wanted.add(join.equals.element)
    return {element: join for element, join in shape.joins.items() if element in wanted}


def _needed_columns(
    shape: Shape, asked: Iterable[str], *, joins: Mapping[str, Join]
) -> dict[str, list[str]]:
    """Return the columns to read of each element; of the base at least one."""
    needed: dict[str, dict[str, None]] = {shape.base: {}}
    places = [shape.fields[name] for name in asked] + [join.equals for join in joins.values()]
    for place in places:
        needed.setdefault(place.element, {})[place.column] = None
    for element, join in joins.items():
        needed.setdefault(element, {})[join.column] = None
    if not needed[shape.base]:
        first = next(f for f in shape.fields.values() if f.element == shape.base)
        needed[shape.base][first.column] = None
    return {element: list(names) for element, names in needed.items()}


def _query(shape: Shape, asked: Iterable[str], *, joins: Mapping[str, Join]) -> str:
    columns = [f'{shape.fields[n].form.format(shape.fields[n].place)} AS "{n}"' for n in asked]
    lines = [f"SELECT {', '.join(columns)}", f'FROM "{shape.base}"']
    lines += [
        f'LEFT JOIN "{element}" ON "{element}"."{join.column}" = {join.equals.place}'
        for element, join in joins.items()
    ]
    return "\n".join(lines)
