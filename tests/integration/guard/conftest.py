"""A small shop that a person can add up, on which queries and attacks are tried."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from graph.ddl import install
from graph.server import start
from graph.session import Database, connect
from graph.settings import Settings
from graph.spec import fact_spec

SHOP = Path(__file__).with_name("shop.cypher")
FULL_TEXT = (
    "CREATE FULLTEXT INDEX post_text IF NOT EXISTS FOR (p:Post) ON EACH [p.text] "
    "OPTIONS {indexConfig: {`fulltext.analyzer`: 'cjk'}}"
)


def fill(database: Database) -> None:
    """Make the graph of ``database`` the shop's."""
    database.run_auto("MATCH (n) DETACH DELETE n")
    install(database, fact_spec())
    database.run_auto(FULL_TEXT)
    for statement in SHOP.read_text(encoding="utf-8").split(";\n"):
        if statement.strip():
            database.run_auto(statement)
    database.run_auto("CALL db.awaitIndexes(60)")


@pytest.fixture(scope="module")
def shop(server_home: Settings) -> Iterator[Database]:
    """Return a connection to the shop's graph, built once a module and only read."""
    start(server_home)
    with connect(server_home) as database:
        fill(database)
        yield database
        database.run_auto("DROP INDEX post_text IF EXISTS")
        database.run_auto("MATCH (n) DETACH DELETE n")
