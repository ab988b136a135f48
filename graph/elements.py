"""Reads one element, a label or a relationship between two labels, as Arrow columns.

The walk follows the index of one node's key. A page is one query that answers with one row
of lists; it is limited in rows, so that neither a crowd around one node nor a long text
makes it large, and grows or shrinks with what its rows weigh.
"""

from collections.abc import Iterator, Sequence
from itertools import islice

import pyarrow as pa

from graph.columns import (
    END,
    NOTHING,
    START,
    as_column,
    properties_by_column,
    schema_of,
)
from graph.endpoint import QueryMemoryError
from graph.errors import NotFoundError, some
from graph.language import Text
from graph.session import Database
from graph.spec import Element, GraphSpec, NodeSpec, PropertySpec
from graph.statements import Walk, read_crowd, read_page

FIRST_ROWS = 2_000
MOST_ROWS = 20_000
# Pages of this weight were as fast as larger ones, and the server holds several copies.
PAGE_BYTES = 8 * 1024 * 1024


class UnknownColumnError(NotFoundError):
    """A table or element has no such column."""

    text = Text(
        "{name} has no column {columns}. Its columns: {known}.",
        "{name} 没有列 {columns}。可用的列：{known}。",
    )


class UnknownTableError(NotFoundError):
    """There is no such table or element."""

    text = Text("There is no {name!r}. Known are: {known}.", "没有 {name!r}。可用的有：{known}。")


def read_element(
    database: Database, spec: GraphSpec, *, name: str, columns: Sequence[str] | None = None
) -> pa.Table:
    """Read an element from the graph, in the form of the picture.

    Parameters
    ----------
    database
        Where from; the constraints on keys must be installed.
    spec
        The declared nodes and relationships.
    name
        The element: ``Account`` or ``Account-PLACED-Order``.
    columns
        What to read; None reads all that is declared. Ends are ``start_id`` and ``end_id``,
        money is whole ten-thousandths.

    Returns
    -------
    One row a node or relationship, in the types of ``graph.columns.ARROW_TYPES``.

    Raises
    ------
    UnknownTableError, UnknownColumnError
        If the element or a column is not declared.
    """
    element = element_named(spec, name)
    asked = asked_of(name, known=properties_by_column(element), columns=columns)
    walk = walk_of(spec, element)
    declared = properties_by_column(element)
    read = {walk.order: declared[walk.order]} | {p.name: p for p in asked}
    pages = list(_pages(database, walk, properties=list(read.values())))
    schema = schema_of(read)
    return pa.Table.from_batches(pages, schema=schema).select([p.name for p in asked])


def element_named(spec: GraphSpec, name: str) -> Element:
    """Return the element called ``name``; raises `UnknownTableError`."""
    if name not in spec.nodes and name not in spec.relationships:
        known = ", ".join([*spec.nodes, *spec.relationships])
        raise UnknownTableError(name=name, known=known)
    return spec.element(name)


def asked_of(
    name: str, *, known: dict[str, PropertySpec], columns: Sequence[str] | None
) -> list[PropertySpec]:
    """Return the properties of the asked columns, all of them if None is given.

    Raises
    ------
    UnknownColumnError
        If ``name`` has no such column.
    """
    asked = list(known) if columns is None else list(columns)
    unknown = [column for column in asked if column not in known]
    if unknown:
        raise UnknownColumnError(name=name, columns=some(unknown), known=", ".join(known))
    return [known[column] for column in asked]


def walk_of(spec: GraphSpec, element: Element) -> Walk:
    """Return the walk over an element that meets the smallest crowds.

    A relationship that is a row's link to its owner, an order's to its account, is walked
    from the row, which has one; all others are walked from their start.
    """
    if isinstance(element, NodeSpec):
        return Walk(element, element, order=element.key)
    start, end = spec.nodes[element.start], spec.nodes[element.end]
    if element.name in _owned_by_rows(spec):
        return Walk(element, end, order=END, other=start)
    return Walk(element, start, order=START, other=end)


def _owned_by_rows(spec: GraphSpec) -> set[str]:
    return {
        f"{link.label}-{link.relationship}-{table.node}"
        for table in spec.tables.values()
        for link in table.links
        if link.inward
    }


def _pages(
    database: Database, walk: Walk, *, properties: Sequence[PropertySpec]
) -> Iterator[pa.RecordBatch]:
    """Yield all rows; the first of ``properties`` is the one that leads the walk."""
    query = read_page(walk, properties)
    after, limit = "", FIRST_ROWS
    while True:
        try:
            page = _page(database, query, properties=properties, after=after, limit=limit)
        except QueryMemoryError:
            if limit == 1:
                raise
            limit = max(1, limit // 8)
            continue
        if page.num_rows < limit:
            yield page
            return
        whole = _whole(page, walk)
        after = page[0][max(whole - 1, 0)].as_py()
        yield page.slice(0, whole)
        if whole == 0:
            yield from _crowd(database, walk, properties=properties, key=after)
        limit = _next_limit(limit, page)


def _whole(page: pa.RecordBatch, walk: Walk) -> int:
    """Return how many rows of a full page belong to nodes that are surely complete."""
    keys: list[object] = page[0].to_pylist()
    return len(keys) if walk.other is None else keys.index(keys[-1])


def _next_limit(limit: int, page: pa.RecordBatch) -> int:
    by_weight: int = PAGE_BYTES * page.num_rows // max(page.nbytes, 1)
    return max(1, min(MOST_ROWS, 4 * limit, by_weight))


def _page(
    database: Database,
    query: str,
    *,
    properties: Sequence[PropertySpec],
    after: str,
    limit: int,
) -> pa.RecordBatch:
    parameters = {"after": after, "rows": limit, "nothing": NOTHING}
    (row,) = database.read(query, parameters)
    return _batch(list(row.values()), properties)


def _crowd(
    database: Database, walk: Walk, *, properties: Sequence[PropertySpec], key: str
) -> Iterator[pa.RecordBatch]:
    """Yield the relationships of one node that has more than a page of them."""
    parameters = {"key": key, "nothing": NOTHING}
    rows = database.stream(read_crowd(walk, properties), parameters, fetch_size=MOST_ROWS)
    while part := [tuple(row.values()) for row in islice(rows, MOST_ROWS)]:
        yield _batch(list(zip(*part, strict=True)), properties)


def _batch(
    columns: Sequence[Sequence[object]], properties: Sequence[PropertySpec]
) -> pa.RecordBatch:
    pairs = zip(columns, properties, strict=True)
    arrays = [as_column(values, p.kind) for values, p in pairs]
    return pa.RecordBatch.from_arrays(arrays, schema=schema_of({p.name: p for p in properties}))
