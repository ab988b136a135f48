"""Tables and schema: the vocabulary of the graph, as declared."""

from algorithms.registry import REGISTRY, computed_spec
from api import declared
from api.http.access import route, v1
from api.http.context import Who
from api.models import Listed, SchemaView, TableBrief, TableView
from api.roles import Permission
from api.views import View

router = v1()
SPEC = computed_spec()


@route(router, "/tables", permission=Permission.SCHEMA, answer=Listed[TableBrief])
def tables(asked: Who) -> View:
    """List the tables: those that sources fill, then those read out of knowledge."""
    return {"items": declared.table_names(SPEC, REGISTRY.tables)}


@route(router, "/tables/{name}", permission=Permission.SCHEMA, answer=TableView)
def table(asked: Who, name: str) -> View:
    """Show one table with its columns."""
    return declared.table_view(SPEC, REGISTRY.tables, name=name)


@route(router, "/schema", permission=Permission.SCHEMA, answer=SchemaView)
def schema(asked: Who) -> View:
    """Show the labels with their counts, the relationships, and all properties."""
    return declared.schema_view(asked.ask, spec=SPEC)
