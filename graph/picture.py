"""What the graph must hold: every node and relationship, derived from staging by SQL.

The picture is a pure function of the staged tables, so a load, a replacement and a removal
are one operation: stage, derive the picture again, write the difference. Whatever a source
alone named disappears with it, and no rule about it has to be written down.

An *element* is a node label or a relationship between two labels; its Parquet file lies in
``KITH_HOME/picture``. Money stays a whole number of ten-thousandths here.
"""

from collections.abc import Iterator, Mapping, Sequence
from typing import TYPE_CHECKING

from graph.codes import EVENT_KINDS
from graph.layers import Layers, rows_of
from graph.shapes import element_of
from graph.spec import (
    SHARED_LABELS,
    ColumnSpec,
    GraphSpec,
    LinkSpec,
    NodeSpec,
    PropertySpec,
    RelationshipSpec,
    TableSpec,
)

if TYPE_CHECKING:
    import duckdb

    from graph.properties import Kind

StagedFiles = Mapping[tuple[str, str], Layers]
"""The files of each (source, table)."""

SQL_TYPES: Mapping["Kind", str] = {
    "key": "VARCHAR",
    "text": "VARCHAR",
    "code": "VARCHAR",
    "json": "VARCHAR",
    "time": "TIMESTAMPTZ",
    "date": "DATE",
    "integer": "BIGINT",
    "number": "DOUBLE",
    "money": "BIGINT",
    "boolean": "BOOLEAN",
    "texts": "VARCHAR[]",
}

# the identifiers table keeps these in place of the value
IDENTIFIER_COLUMNS = {"identifier_key": "VARCHAR", "masked": "VARCHAR", "never_links": "BOOLEAN"}

SOURCES = "list_sort(list_distinct(list(source))) AS sources"

# as a map, because a JSON path cannot name every key: quotes, dots and the like
ATTRIBUTE_VALUES = (
    "list_sort(list_transform(map_entries({0}::JSON::MAP(VARCHAR, VARCHAR)), "
    "lambda e: e.key || '=' || e.value))"
)


def staged_types(table: TableSpec) -> dict[str, str]:
    """Return the SQL type of every column that staging keeps of a table, in order."""
    types = {column.stored: SQL_TYPES[column.kind] for column in table.stored}
    if table.name == "identifiers":
        types |= IDENTIFIER_COLUMNS
    for name in table.identity:
        types.setdefault(name, "VARCHAR")
    return types | {"source": "VARCHAR"}


def layer_key(table: TableSpec) -> tuple[str, ...]:
    """Return by which columns later staged rows replace earlier ones."""
    # an order that comes again brings all its lines
    return ("order_id",) if table.name == "order_lines" else table.identity


def register_staging(
    connection: "duckdb.DuckDBPyConnection",
    spec: GraphSpec,
    *,
    files: StagedFiles,
    ranks: Mapping[str, int],
) -> None:
    """Create a view for every table over the staged rows of all sources.

    Each view has the stored columns, ``source`` and ``rank`` (the source's place in the
    order of precedence). Shared tables get a second view ``merged_<table>`` of one row a
    key: the first value that is not null, by that order.
    """
    connection.execute("CREATE TEMP TABLE ranks (source VARCHAR, rank INTEGER)")
    if ranks:
        connection.executemany("INSERT INTO ranks VALUES (?, ?)", [list(r) for r in ranks.items()])
    for table in spec.tables.values():
        held = [layers for (_, name), layers in sorted(files.items()) if name == table.name]
        connection.execute(f'CREATE VIEW "{table.name}" AS {_table_rows(table, held)}')
    create_merged(connection, spec)


def create_merged(connection: "duckdb.DuckDBPyConnection", spec: GraphSpec) -> None:
    """Create the second view of the shared tables, over those of the schema in use."""
    for table in spec.tables.values():
        if table.is_shared:
            connection.execute(_merged_view(table))


def element_queries(spec: GraphSpec, *, timezone: str) -> dict[str, str]:
    """Return the query of every element that loads fill, by the element's name.

    Parameters
    ----------
    spec
        The declared nodes, relationships and tables.
    timezone
        The company's zone, in which calendar days are counted.
    """
    queries = dict(_relationship_queries(spec, timezone=timezone))
    for table in spec.tables.values():
        if table.node:
            queries[table.node] = _node_query(spec, table)
    queries["Brand"] = _bare_only_query(spec, spec.nodes["Brand"])
    queries["Identifier"] = _identifier_query(spec.nodes["Identifier"])
    return queries


def tables_of(query: str, spec: GraphSpec) -> set[str]:
    """Return the tables that an element's query reads."""
    return {name for name in spec.tables if f'"{name}"' in query or f'"merged_{name}"' in query}


def _table_rows(table: TableSpec, held: Sequence[Layers]) -> str:
    types = staged_types(table)
    empty = ", ".join(f'NULL::{kind} AS "{name}"' for name, kind in types.items())
    names = ", ".join(f'"{name}"' for name in types)
    parts = [f"SELECT {empty} WHERE false"]
    parts += [f"SELECT {names} FROM {rows_of(paths, by=layer_key(table))}" for paths in held]
    rows = " UNION ALL ".join(parts)
    return (
        f"SELECT t.*, coalesce(r.rank, 0) AS rank FROM ({rows}) t LEFT JOIN ranks r USING (source)"
    )


def _merged_view(table: TableSpec) -> str:
    (key,) = table.identity
    columns = [f'"{key}"', SOURCES]
    columns += [
        f'{_first(column.stored)} AS "{column.stored}"'
        for column in table.stored
        if column.stored != key
    ]
    return (
        f'CREATE VIEW "merged_{table.name}" AS '
        f'SELECT {", ".join(columns)} FROM "{table.name}" GROUP BY "{key}"'
    )


def _first(column: str) -> str:
    """Return the first non-null value by the order of sources, then of values."""
    return (
        f'arg_min("{column}", struct_pack(r := rank, v := "{column}")) '
        f'FILTER ("{column}" IS NOT NULL)'
    )


def _node_query(spec: GraphSpec, table: TableSpec) -> str:
    """Select the described nodes of a label, and bare ones that facts name all the same."""
    node = spec.nodes[table.node]
    view = f'"merged_{table.name}"' if table.is_shared else f'"{table.name}"'
    facts = ", ".join(_fact(p, spec_column(table, p.name)) for p in node.facts)
    described = f'SELECT "{node.key}", {facts} FROM {view}'
    bare = _bare(spec, node, described=f'SELECT "{node.key}" FROM "{table.name}"')
    return f"{described} UNION ALL {bare}" if bare else described


def spec_column(table: TableSpec, name: str) -> ColumnSpec | None:
    """Return the stored column called ``name``, or None when loads add it themselves."""
    return next((column for column in table.stored if column.stored == name), None)


def _fact(p: PropertySpec, column: ColumnSpec | None) -> str:
    """Return one property of a described node, with its default."""
    if p.name == "attribute_values":
        return f'{ATTRIBUTE_VALUES.format("attributes")} AS "{p.name}"'
    default = column.default if column else None
    if default is None:
        return f'"{p.name}"'
    literal = f"'{default}'" if isinstance(default, str) else str(default).lower()
    return f'coalesce("{p.name}", {literal}) AS "{p.name}"'


def _bare(spec: GraphSpec, node: NodeSpec, *, described: str | None) -> str:
    """Select nodes that facts name but no row describes; empty when nothing can name them."""
    references = [
        f'SELECT "{column.stored}" AS id, source FROM "{table.name}" '
        f'WHERE "{column.stored}" IS NOT NULL'
        for table in spec.tables.values()
        for column in table.stored
        if column.refers == node.label
        and not (table.node == node.label and column.stored in table.identity)
    ]
    if not references:
        return ""
    shared = node.label in SHARED_LABELS
    names = SOURCES if shared else "min(source) AS source"
    columns = ", ".join(
        p.name if p.name in ("source", "sources") else f'NULL::{SQL_TYPES[p.kind]} AS "{p.name}"'
        for p in node.facts
    )
    undescribed = f"WHERE id NOT IN ({described})" if described else ""
    return (
        f'SELECT id AS "{node.key}", {columns} FROM (SELECT id, {names} '
        f"FROM ({' UNION ALL '.join(references)}) {undescribed} GROUP BY id)"
    )


def _bare_only_query(spec: GraphSpec, node: NodeSpec) -> str:
    return _bare(spec, node, described=None)


def _identifier_query(node: NodeSpec) -> str:
    chosen = {
        "sources": SOURCES,
        # a partner's MD5 tells less than the clear value: one who knows is enough
        "never_links": "bool_or(never_links) AS never_links",
    }
    facts = ", ".join(chosen.get(p.name, f'{_first(p.name)} AS "{p.name}"') for p in node.facts)
    return f'SELECT identifier_key, {facts} FROM "identifiers" GROUP BY identifier_key'


def _relationship_queries(spec: GraphSpec, *, timezone: str) -> Iterator[tuple[str, str]]:
    for table in spec.tables.values():
        if table.relationship:
            element = spec.relationships[table.relationship]
            yield element.name, _row_relationship_query(spec, table, link=element)
        for link in table.links:
            yield element_of(table, link), _link_query(spec, table, link=link)
    for kind in EVENT_KINDS:
        for label in ("Product", "Category"):
            yield f"Account-{kind.upper()}-{label}", _event_query(kind, label, timezone=timezone)


def _row_relationship_query(spec: GraphSpec, table: TableSpec, *, link: RelationshipSpec) -> str:
    start = spec.nodes[link.start].key
    end = spec.nodes[link.end].key
    facts = ", ".join(_fact(p, spec_column(table, p.name)) for p in link.facts)
    return f'SELECT "{start}" AS start_id, "{end}" AS end_id, {facts} FROM "{table.name}"'


def _link_query(spec: GraphSpec, table: TableSpec, *, link: LinkSpec) -> str:
    view = f'"merged_{table.name}"' if table.is_shared else f'"{table.name}"'
    own, other = spec.nodes[table.node].key, table.column(link.column).stored
    start, end = (other, own) if link.inward else (own, other)
    only = f'WHERE "{other}" IS NOT NULL'
    if link.label == table.node:
        # a category above itself, or a reply to itself, is a slip of the source
        only += f' AND "{other}" <> "{own}"'
    if link.column == "reply_to_account_key":
        # a post that answers a post points at the post alone
        only += " AND reply_to_post_id IS NULL"
    return f'SELECT DISTINCT "{start}" AS start_id, "{end}" AS end_id FROM {view} {only}'


def _event_query(kind: str, label: str, *, timezone: str) -> str:
    target = f"{label.lower()}_id"
    only = "" if label == "Product" else "AND product_id IS NULL"
    return (
        f"SELECT account_id AS start_id, {target} AS end_id, count(*)::BIGINT AS n, "
        f"count(DISTINCT CAST(\"at\" AT TIME ZONE '{timezone}' AS DATE))::BIGINT AS days, "
        f'min("at") AS first_at, max("at") AS last_at FROM "events" '
        f"WHERE kind = '{kind}' AND {target} IS NOT NULL {only} GROUP BY account_id, {target}"
    )
