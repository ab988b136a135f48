"""A company's life in kith: loaded, loaded again, killed, taken apart, put together again."""

import signal
import time
from pathlib import Path

import pytest

from algorithms.registry import computed_spec
from graph.dump import digest
from graph.lock import writing
from graph.session import connect
from tests.e2e.conftest import Kith, KithMaker

pytestmark = pytest.mark.e2e

WAIT_SECONDS = 120


def picture(kith: Kith) -> str:
    """Return a digest of everything in the graph but runs, dates of loading and history."""
    with connect(kith.settings) as database:
        return digest(database, computed_spec())


def shape(kith: Kith) -> list[object]:
    """Return how many there are of everything, and how large the customers are."""
    counts = "MATCH (n) WHERE NOT n:AlgorithmRun AND NOT n:LoadReport AND NOT n:ResolutionEvent "
    counts += "AND NOT n:CustomerAlias RETURN labels(n) AS what, count(*) AS n ORDER BY what"
    links = "MATCH (a)-[r]->(b) WHERE NOT a:CustomerAlias "
    links += "RETURN labels(a) AS a, type(r) AS r, labels(b) AS b, count(*) AS n ORDER BY a, r, b"
    sizes = "MATCH (c:Customer) RETURN c.n_accounts AS accounts, count(*) AS n ORDER BY accounts"
    return [kith.json("cypher", query)["rows"] for query in (counts, links, sizes)]


def test_a_run_prints_its_six_stages_and_what_it_found(make_kith: KithMaker, company: Path) -> None:
    kith = make_kith("stages")

    printed = kith.run("run", str(company)).stdout

    for stage in ("fuse", "resolve", "tag", "model", "report", "activate"):
        assert stage in printed
    assert "customers have bought" in printed


def test_a_second_run_writes_nothing(loaded: Kith, company: Path) -> None:
    before = picture(loaded)

    again = loaded.json("run", str(company))

    assert picture(loaded) == before
    told = [sentence for stage in again["stages"] for sentence in stage["told"]]
    assert "the graph already held all of it" in told
    assert not [sentence for sentence in told if "published" in sentence]


def test_the_imported_graph_is_the_one_that_batches_write(
    loaded: Kith, make_kith: KithMaker, company: Path
) -> None:
    batched = make_kith("batched")

    batched.run("load", str(company))
    batched.run("resolve")
    batched.run("score")

    assert picture(batched) == picture(loaded)


def test_a_source_can_be_taken_out_and_put_back(make_kith: KithMaker, company: Path) -> None:
    kith = make_kith("taken")
    kith.run("run", str(company))
    before = shape(kith)

    kith.run("unload", "partner", "--yes")
    kith.run("score")
    without = kith.json("cypher", "MATCH (a:Account {source: 'partner'}) RETURN count(a) AS n")
    between = shape(kith)
    kith.run("run", str(company))

    # ids are never used twice, so whoever was known to the partner alone comes back as another
    assert without["rows"] == [[0]]
    assert between != before
    assert shape(kith) == before


def test_a_load_that_is_killed_is_finished_by_the_next_command(
    loaded: Kith, make_kith: KithMaker, company: Path
) -> None:
    kith = make_kith("killed")
    kith.run("up")
    process = kith.start("load", str(company))
    journal = kith.home / "journal.json"
    deadline = time.monotonic() + WAIT_SECONDS
    while not journal.exists() and process.poll() is None and time.monotonic() < deadline:
        time.sleep(0.005)

    process.send_signal(signal.SIGKILL)
    process.communicate()
    was_writing = journal.exists()
    told = kith.run("up").stderr
    kith.run("run", str(company))

    assert was_writing
    assert "has been finished" in told
    assert not journal.exists()
    assert picture(kith) == picture(loaded)


def test_a_killed_server_loses_nothing(loaded: Kith) -> None:
    import psutil

    before = picture(loaded)
    pid = loaded.json("status")["pid"]

    psutil.Process(pid).kill()
    psutil.wait_procs([psutil.Process(pid)] if psutil.pid_exists(pid) else [], timeout=10)
    loaded.run("up")

    assert picture(loaded) == before


def test_the_second_writer_is_told_who_the_first_one_is(loaded: Kith, company: Path) -> None:
    with writing(loaded.settings, command="kith load other.toml"):
        refused = loaded.run("load", str(company), code=1)

    assert "kith load other.toml" in refused.stderr


def test_a_dry_run_changes_nothing(loaded: Kith) -> None:
    before = picture(loaded)

    report = loaded.json("unload", "crm", "--dry-run")

    assert report["dry_run"]
    assert report["removed"]
    assert picture(loaded) == before


def test_deleting_much_without_a_terminal_asks_for_yes(loaded: Kith) -> None:
    before = picture(loaded)

    refused = loaded.run("unload", "erp", code=2)

    assert "--yes" in refused.stderr
    assert picture(loaded) == before
