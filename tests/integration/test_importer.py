"""The offline importer fills an empty store, and what it breaks can be wiped."""

from pathlib import Path

import pytest

from graph.server import run_importer, start, status, stop, wipe
from graph.server.errors import ImportFailedError, StoreUnusableError
from graph.server.paths import paths_of
from graph.session import connect
from graph.settings import Settings
from tests.conftest import HomeMaker

pytestmark = pytest.mark.integration


@pytest.fixture(scope="module")
def home(make_home: HomeMaker) -> Settings:
    return make_home("imported")


@pytest.fixture
def files(tmp_path: Path) -> Path:
    """Two accounts, one order, one relationship; names in Chinese and with a quote."""
    texts = {
        "account-header.csv": "account_id:ID(Account),nickname,n:long\n",
        "account-1.csv": 'a1,小明,1\na2,"say ""hi""",2\n',
        "order-header.csv": "order_id:ID(Order)\n",
        "order-1.csv": "o1\n",
        "placed-header.csv": ":START_ID(Account),:END_ID(Order)\n",
        "placed-1.csv": "a1,o1\n",
        "dangling-1.csv": "a1,o9\n",
    }
    for name, text in texts.items():
        (tmp_path / name).write_text(text, encoding="utf-8")
    return tmp_path


def nodes(home: Settings) -> object:
    with connect(home) as database:
        return database.read("MATCH (n) RETURN count(n) AS n")[0]["n"]


def arguments(files: Path, *, placed: str = "placed") -> list[str]:
    def source(name: str, rows: str) -> str:
        return f"{files / f'{name}-header.csv'},{files / f'{rows}-1.csv'}"

    return [
        f"--nodes=Account={source('account', 'account')}",
        f"--nodes=Order={source('order', 'order')}",
        f"--relationships=PLACED={source('placed', placed)}",
    ]


def test_an_import_counts_what_it_wrote(home: Settings, files: Path) -> None:
    counts = run_importer(home, arguments(files))

    assert (counts.nodes, counts.relationships, counts.properties) == (3, 1, 7)
    assert counts.seconds > 0


def test_what_was_imported_is_there_after_a_start(home: Settings, files: Path) -> None:
    run_importer(home, arguments(files))
    start(home)

    with connect(home) as database:
        rows = database.read(
            "MATCH (a:Account) OPTIONAL MATCH (a)-[:PLACED]->(o:Order) "
            "RETURN a.account_id AS id, a.nickname AS name, a.n AS n, o.order_id AS placed "
            "ORDER BY id"
        )

    assert rows == [
        {"id": "a1", "name": "小明", "n": 1, "placed": "o1"},
        {"id": "a2", "name": 'say "hi"', "n": 2, "placed": None},
    ]


def test_an_import_stops_a_server_that_runs(home: Settings, files: Path) -> None:
    start(home)

    run_importer(home, arguments(files))

    assert status(home).state == "stopped"


def test_an_import_replaces_what_was_there(home: Settings, files: Path) -> None:
    run_importer(home, arguments(files))
    run_importer(home, arguments(files))
    start(home)

    assert nodes(home) == 3


def test_a_relationship_that_leads_nowhere_fails_the_import_by_name(
    home: Settings, files: Path
) -> None:
    with pytest.raises(ImportFailedError) as failure:
        run_importer(home, arguments(files, placed="dangling"))

    assert "a1 (Account)-[PLACED]->o9 (Order)" in failure.value.message("en")
    assert paths_of(home).import_log.exists()


def test_after_a_failed_import_the_graph_is_empty(home: Settings, files: Path) -> None:
    with pytest.raises(ImportFailedError):
        run_importer(home, arguments(files, placed="dangling"))

    start(home)

    assert nodes(home) == 0


def test_what_a_killed_import_left_is_no_graph(home: Settings, files: Path) -> None:
    run_importer(home, arguments(files))
    paths_of(home).import_mark.touch()

    start(home)

    assert nodes(home) == 0


def test_a_store_that_cannot_be_opened_is_told_and_nothing_runs(home: Settings) -> None:
    start(home)
    stop(home)
    store = paths_of(home).stores[0]
    (store / "neostore").write_bytes(b"no store")

    with pytest.raises(StoreUnusableError) as failure:
        start(home)
    state = status(home).state
    wipe(home)

    assert str(store) in failure.value.message("en")
    assert state == "stopped"


def test_a_wipe_keeps_the_password_and_stops_the_server(home: Settings) -> None:
    before = start(home)
    with connect(home) as database:
        database.write("CREATE (:Account)")

    wipe(home)
    between = status(home).state
    after = start(home)

    assert between == "stopped"
    assert (after.uri, after.password) == (before.uri, before.password)


def test_an_import_into_a_home_that_never_ran_needs_no_start_before(
    make_home: HomeMaker, files: Path
) -> None:
    fresh = make_home("fresh")

    counts = run_importer(fresh, arguments(files))
    start(fresh)

    with connect(fresh) as database:
        rows = database.read("MATCH (n:Account) RETURN count(n) AS n")
    assert counts.nodes == 3
    assert rows == [{"n": 2}]
    stop(fresh)
