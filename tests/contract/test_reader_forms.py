"""The graph and the staged files give the same rows of every table."""

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from graph.columns import END, START, properties_by_column
from graph.ddl import install
from graph.reader import GraphReader, Reader, StagedReader
from graph.session import Database
from graph.settings import Settings, read_settings
from graph.shapes import RESOLVED
from graph.spec import PropertySpec, fact_spec
from graph.staging import picture_file
from graph.writer import Writer
from tests.graph_rows import all_elements, plain
from tests.small_company import JUDGED, RESOLUTION, STAGED, TIMEZONE, schema_of, stage

pytestmark = pytest.mark.slow

SPEC = fact_spec()
TABLES = [*SPEC.tables, "resolution"]


@pytest.fixture
def staged(tmp_path_factory: pytest.TempPathFactory) -> StagedReader:
    settings = read_settings(home=tmp_path_factory.mktemp("small"))
    stage(settings, SPEC)
    return StagedReader(settings, SPEC, timezone=TIMEZONE, resolution=RESOLUTION, computed=JUDGED)


@pytest.fixture
def loaded(staged: StagedReader, database: Database) -> GraphReader:
    """Return a reader of the graph that was written from the same picture."""
    install(database, SPEC)
    writer = Writer(database, SPEC)
    for name, node in SPEC.nodes.items():
        if (rows := drawn(staged.settings, name)) is not None:
            writer.write_nodes(node, rows)
    customers = RESOLUTION.select(["customer_id"])
    writer.write_nodes(SPEC.nodes["Customer"], customers)
    for name, link in SPEC.relationships.items():
        if (rows := drawn(staged.settings, name)) is not None:
            writer.write_relationships(link, rows)
    names = {"account_id": START, "customer_id": END}
    renamed = RESOLUTION.rename_columns([names.get(n, n) for n in RESOLUTION.column_names])
    writer.write_relationships(SPEC.relationships[RESOLVED], renamed)
    writer.set_properties(SPEC.nodes["Identifier"], JUDGED["Identifier"])
    has = SPEC.relationships["Account-HAS_IDENTIFIER-Identifier"]
    writer.write_relationships(has, JUDGED[has.name])
    return GraphReader(database, SPEC, settings=staged.settings, timezone=TIMEZONE)


def drawn(settings: Settings, name: str) -> pa.Table | None:
    path = picture_file(settings, name)
    return pq.read_table(path) if path.exists() else None


def rows_by_table(reader: Reader) -> dict[str, list[dict[str, object]]]:
    return {name: plain(reader.table(name)) for name in TABLES}


@pytest.mark.integration
def test_graph_and_staged_files_give_the_same_tables(
    staged: StagedReader, loaded: GraphReader
) -> None:
    from_files, from_graph = rows_by_table(staged), rows_by_table(loaded)

    assert from_graph == from_files
    assert all(from_files.values())


@pytest.mark.integration
def test_graph_and_staged_files_give_the_same_columns_and_types(
    staged: StagedReader, loaded: GraphReader
) -> None:
    for name in TABLES:
        assert loaded.table(name).schema == staged.table(name).schema


@pytest.mark.integration
def test_graph_and_staged_files_give_the_same_customers(
    staged: StagedReader, loaded: GraphReader
) -> None:
    assert plain(loaded.table("customers")) == plain(staged.table("customers"))
    assert staged.table("customers", ["customer_id"]).num_rows == 2


@pytest.mark.integration
def test_graph_and_picture_hold_the_same_elements(
    staged: StagedReader, loaded: GraphReader
) -> None:
    stated = {
        element.name: [n for n, p in properties_by_column(element).items() if not is_aside(p)]
        for element in all_elements(SPEC)
    }

    from_graph = {name: plain(loaded.element(name, columns)) for name, columns in stated.items()}
    from_files = {name: plain(staged.element(name, columns)) for name, columns in stated.items()}

    assert from_graph == from_files


def is_aside(p: PropertySpec) -> bool:
    """Tell whether a property is not in the picture: when it was loaded, what was computed."""
    return p.name == "loaded_at" or p.owner not in ("", "identity")


def test_the_small_company_fills_every_column_of_every_table() -> None:
    filled = {
        (table, column)
        for (_, table), rows in STAGED.items()
        for row in rows
        for column, value in row.items()
        if value is not None
    }

    wanted = {
        (table.name, column)
        for table in SPEC.tables.values()
        for column in schema_of(table).names
        if column != "source"
    }
    assert wanted - filled == set()
