"""The way to the database: opened late, given up during an import, tried again."""

import json
from pathlib import Path

import pytest

from api.audit import AuditLog
from api.http.context import Connection, Context
from api.http.metrics import Metrics
from api.keys import KeyStore
from api.problems import ImportingError
from graph.endpoint import UnreachableError
from graph.errors import GraphError
from graph.server.errors import NotRunningError
from graph.settings import Settings, read_settings
from graph.spec import fact_spec

pytestmark = pytest.mark.slow


@pytest.fixture
def home(tmp_path: Path) -> Settings:
    return read_settings(home=tmp_path)


def note(home: Settings, state: str) -> None:
    """Write the journal of a load that is under way."""
    journal = {"load_id": "l1", "state": state, "loaded_at": 0, "moves": {}, "removals": []}
    (home.home / "journal.json").write_text(json.dumps(journal))


def test_nothing_is_opened_until_something_is_asked(home: Settings) -> None:
    Connection(home).close()

    assert list(home.home.iterdir()) == []


def test_a_database_that_does_not_run_is_said_to_be_so_every_time(home: Settings) -> None:
    connection = Connection(home)

    for _ in range(2):
        with pytest.raises(NotRunningError):
            connection.get()


def test_an_import_keeps_everybody_away(home: Settings) -> None:
    note(home, "importing")

    with pytest.raises(ImportingError) as caught:
        Connection(home).get()

    assert caught.value.http_status == 503


def test_a_load_in_batches_keeps_nobody_away(home: Settings) -> None:
    note(home, "writing")

    with pytest.raises(NotRunningError):
        Connection(home).get()


def test_the_way_is_free_when_the_import_is_over(home: Settings) -> None:
    note(home, "importing")
    connection = Connection(home)
    with pytest.raises(ImportingError):
        connection.get()

    (home.home / "journal.json").unlink()

    with pytest.raises(NotRunningError):
        connection.get()


def test_a_question_to_nobody_is_timed_and_named(tmp_path: Path) -> None:
    settings = read_settings(home=tmp_path, neo4j_uri="bolt://127.0.0.1:1", neo4j_password="none")
    metrics = Metrics()
    context = Context(
        settings=settings,
        spec=fact_spec(),
        connection=Connection(settings),
        keys=KeyStore(tmp_path / "keys.sqlite"),
        audit=AuditLog(tmp_path / "audit"),
        metrics=metrics,
    )

    try:
        with pytest.raises(GraphError) as caught:
            context.ask("RETURN 1", {}, name="/v1/runs")
    finally:
        context.close()

    assert isinstance(caught.value, UnreachableError)
    assert 'kith_query_seconds_count{route="/v1/runs"} 1' in metrics.text()
