"""An empty graph with its constraints, and what writes into it."""

import pytest

from graph.ddl import install
from graph.session import Database
from graph.spec import fact_spec
from graph.writer import Writer


@pytest.fixture
def writer(database: Database) -> Writer:
    install(database, fact_spec())
    return Writer(database, fact_spec())
