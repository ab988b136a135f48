"""The declarations as the API shows them: tables, schema and algorithms, in one language."""

from collections.abc import Iterable, Mapping

from algorithms.contract import Algorithm, KnowledgeTable
from algorithms.parameters import described
from api.views import Ask, View, whole
from graph.errors import NotFoundError, some
from graph.language import Text
from graph.spec import ColumnSpec, GraphSpec, PropertySpec, TableSpec


class TableNotFoundError(NotFoundError):
    """No table is called this."""

    text = Text(
        "There is no table {name!r}. There are: {known}.", "没有表 {name!r}。可用：{known}。"
    )


def table_names(spec: GraphSpec, knowledge: Mapping[str, KnowledgeTable]) -> list[View]:
    """Return every table's name and meaning, facts first."""
    facts = [_brief(table, "sources") for table in spec.tables.values()]
    return [*facts, *(_brief(table, "algorithms") for table in knowledge.values())]


def table_view(spec: GraphSpec, knowledge: Mapping[str, KnowledgeTable], *, name: str) -> View:
    """Return one table with its columns.

    Raises
    ------
    TableNotFoundError
        If no table has this name.
    """
    if name in spec.tables:
        return _fact_table(spec.tables[name])
    if name in knowledge:
        return _knowledge_table(knowledge[name], spec)
    raise TableNotFoundError(name=name, known=some([*spec.tables, *knowledge]))


def schema_view(ask: Ask, *, spec: GraphSpec) -> View:
    """Return the whole graph as declared, with the number of nodes of each label."""
    counts = _counts(ask, spec)
    return {
        "nodes": [
            {
                "label": node.label,
                "key": node.key,
                "about": str(node.about),
                "n": counts.get(node.label, 0),
                "properties": [property_view(p) for p in node.properties],
            }
            for node in spec.nodes.values()
        ],
        "relationships": [
            {
                "type": link.type,
                "start": link.start,
                "end": link.end,
                "about": str(link.about),
                "properties": [property_view(p) for p in link.properties],
            }
            for link in spec.relationships.values()
        ],
    }


def algorithm_view(algorithm: Algorithm, run: View | None) -> View:
    """Return one algorithm with the run whose results stand in the graph."""
    return {
        "name": algorithm.name,
        "version": algorithm.version,
        "stage": algorithm.stage,
        "about": str(algorithm.about),
        "source": algorithm.source,
        "reads": {table: list(columns) for table, columns in algorithm.reads.items()},
        "writes": {
            element: [property_view(p) for p in properties]
            for element, properties in algorithm.outputs.items()
        },
        "parameters": [
            {
                "name": parameter.name,
                "about": str(parameter.about),
                "bounds": str(parameter.bounds),
                "default": parameter.default,
            }
            for parameter in described(algorithm.parameters)
        ],
        "run": run,
    }


def property_view(p: PropertySpec) -> View:
    """Return one property as declared."""
    return {
        "name": p.name,
        "kind": p.kind,
        "about": str(p.about),
        "unit": p.unit,
        "basis": "inferred" if p.owner else "observed",
        "owner": p.owner,
        "required": p.required,
        "codes": list(p.codes),
        "minimum": p.minimum,
        "maximum": p.maximum,
    }


def _brief(table: TableSpec | KnowledgeTable, origin: str) -> View:
    return {"name": table.name, "about": str(table.about), "origin": origin}


def _fact_table(table: TableSpec) -> View:
    return {
        **_brief(table, "sources"),
        "node": table.node,
        "relationship": table.relationship,
        "identity": list(table.identity),
        "columns": [_column(column) for column in table.columns],
    }


def _knowledge_table(table: KnowledgeTable, spec: GraphSpec) -> View:
    elements = [spec.element(name) for name in table.elements]
    declared = {p.name: p for element in elements for p in element.properties}
    columns = [declared.get(name, _key_column(name)) for name in table.columns]
    return {
        **_brief(table, "algorithms"),
        "node": "",
        "relationship": "",
        "identity": [],
        "columns": [{**property_view(p), "personal": False, "refers": ""} for p in columns],
    }


def _key_column(name: str) -> PropertySpec:
    """Describe a column that no property is behind: one end of a link, or a constant."""
    return PropertySpec(name, "key", Text("Key", "编号"))


def _column(column: ColumnSpec) -> View:
    return {**property_view(column), "personal": column.personal, "refers": column.refers}


def _counts(ask: Ask, spec: GraphSpec) -> dict[str, int]:
    """Count the nodes of each label that has any; the database keeps these counts."""
    parts = (f"MATCH (n:{label}) RETURN '{label}' AS label, count(n) AS n" for label in spec.nodes)
    rows: Iterable[Mapping[str, object]] = ask("\nUNION ALL\n".join(parts), {})
    return {str(row["label"]): whole(row["n"]) for row in rows}
