"""Joins by resemblance on a real graph with a vault: loaded, resolved, undone, killed."""

import signal
from collections.abc import Iterator
from pathlib import Path
from random import Random

import pytest

from algorithms.identity import local, situation
from algorithms.identity.decisions import decisions_file, record
from algorithms.identity.events import first_broken
from algorithms.identity.ground import read_ground
from algorithms.identity.run import resolve_staged
from algorithms.identity.state import APART, LIKELY_SAME, RESOLVED_TO, TOGETHER
from algorithms.identity.words import Word
from api.identity.deciding import decide
from api.identity.speaking import Wish
from api.pipeline import graph_reader
from graph.session import Database
from graph.settings import Settings
from graph.vault import VaultError
from tests.in_process import CommandLine, logging_restored
from tests.likely_house import House, Row, crowd, killed, person

pytestmark = pytest.mark.integration


@pytest.fixture
def house(
    tmp_path: Path,
    database: Database,
    server_home: Settings,
    *,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> Iterator[House]:
    monkeypatch.setenv("KITH_HOME", str(server_home.home))
    commands = CommandLine(server_home.home, monkeypatch, capsys)
    with logging_restored():
        opened = House(tmp_path, server_home, database, commands)
        yield opened
        opened.clear()


@pytest.fixture
def parts(monkeypatch: pytest.MonkeyPatch) -> list[set[str]]:
    """Return the accounts of the parts that were read."""
    read_parts: list[set[str]] = []
    read = local.read_local

    def noted(*args: object, **more: object) -> object:
        state = read(*args, **more)  # type: ignore[arg-type]
        read_parts.append(set(state.facts.accounts["account_id"].to_pylist()))
        return state

    monkeypatch.setattr(situation, "read_local", noted)
    return read_parts


ANNA = person("crm:anna", "karenlo", "tumilo", born="1972-03-04")
ANNA_AGAIN = person("app:anna", "karenlo", "tumilo", born="1972-03-04")
BERTA = person("app:berta", "lodosa", "salodo", born="1981-11-21")


def test_people_who_resemble_each_other_are_one_customer(house: House) -> None:
    house.bring(*crowd(), ANNA, ANNA_AGAIN, BERTA)

    report = house.resolve()

    assert house.together("crm:anna", "app:anna")
    assert not house.together("app:anna", "app:berta")
    told = {row["start_id"]: row for row in house.told(RESOLVED_TO)}
    first, second, berta = (told[name] for name in ("app:anna", "crm:anna", "app:berta"))
    assert (first["rule"], second["rule"], berta["rule"]) == ("linkage", "linkage", "alone")
    assert (first["linked_to"], second["linked_to"]) == (None, "app:anna")
    assert 0.9 < float(str(second["confidence"])) < 1
    assert first["confidence"] == second["confidence"]
    assert '"birth"' in str(second["by_field"])
    assert 0.5 * len(house.rows) < report.counts["customers"] < 0.8 * len(house.rows)
    for again in (house.resolve(), house.resolve(full=True)):
        assert again.is_unchanged
        assert (again.written, len(again.events)) == (0, 0)


def test_a_load_of_lookalikes_is_resolved_in_part_as_in_whole(
    house: House, parts: list[set[str]]
) -> None:
    people = crowd()
    house.bring(*people[:-5], ANNA)
    house.resolve()

    house.bring(ANNA_AGAIN, BERTA, *people[-5:])
    foretold = house.resolve(dry_run=True)
    report = house.resolve()

    assert house.together("crm:anna", "app:anna")
    assert report.written == foretold.written > 0
    assert report.events["kind"].to_pylist() == foretold.events["kind"].to_pylist()
    assert 0 < max(map(len, parts)) < 0.8 * len(house.rows)
    anew = house.anew()
    assert anew.events.to_pylist() == []
    assert anew.written == 0
    same = ("accounts", "customers", "identifiers", "links", "linking")
    assert [anew.counts[name] for name in same] == [report.counts[name] for name in same]
    _lose_memory(house)
    house.bring(BERTA | {"born": "1955-10-28"})
    assert house.resolve().counts["accounts"] == len(house.rows)
    parts.clear()
    house.bring(person("crm:new", "lokami", "vellosa", born="1990-09-09"))
    house.resolve()
    assert parts[0] == {"crm:new"}


def _lose_memory(house: House) -> None:
    for path in (house.settings.home / "models" / "memory").iterdir():
        path.unlink()


def test_whoever_is_reached_through_lookalikes_of_relatives_is_found_at_last(
    house: House, parts: list[set[str]]
) -> None:
    # anna shares her phone with a relative, who resembles somebody whom nothing else ties to them
    house.policy('[linkage]\nmode = "careful"\n')
    phone = {"tel": "13812345678"}
    relative = person("crm:rel", "lodosa", "salodo", born="1981-11-21", **phone)
    lookalike = person("app:like", "lodosa", "salodo")
    house.bring(*crowd(), ANNA | phone, relative, lookalike)
    house.resolve()
    apart = {frozenset((row["start_id"], row["end_id"])) for row in house.told(LIKELY_SAME)}
    ids = house.customers()
    parts.clear()

    house.bring(ANNA_AGAIN)
    house.resolve()

    assert not house.together("crm:anna", "crm:rel")
    assert frozenset((ids["crm:rel"], ids["app:like"])) in apart
    assert house.together("crm:anna", "app:anna")
    # whom the relative resembles is known from the run before, and read along
    steps = [{"app:anna"}, {"crm:anna", "crm:rel", "app:like"}]
    assert [step <= part for step, part in zip(steps, parts, strict=True)] == [True] * 2
    assert parts[0] < parts[1]


def test_a_careful_house_asks_and_one_that_joins_nobody_forgets(house: House) -> None:
    house.bring(*crowd(), ANNA, ANNA_AGAIN, BERTA)
    house.resolve()
    doubtful = [row for row in house.told(RESOLVED_TO) if float(str(row["confidence"])) < 0.99]

    house.policy('[linkage]\nmode = "careful"\n')
    careful = house.resolve()
    asked, sure = house.told(LIKELY_SAME), house.told(RESOLVED_TO)
    house.policy('[linkage]\nmode = "off"\n')
    house.resolve()

    assert doubtful
    assert "split" in careful.events["kind"].to_pylist()
    assert all(float(str(row["confidence"])) >= 0.99 for row in sure)
    assert "careful" in {row["kept_apart"] for row in asked} <= {"careful", "community"}
    for row in asked:
        assert 0.8 <= float(str(row["probability"])) <= 1
        assert str(row["start_id"]) < str(row["end_id"])
        assert row["model_version"]
    assert house.told(LIKELY_SAME) == []
    assert {row["rule"] for row in house.told(RESOLVED_TO)} == {"alone", "email"}
    assert house.anew().written == 0


def test_a_pin_that_is_undone_gives_the_graph_back_byte_for_byte(house: House) -> None:
    house.bring(*crowd(), ANNA, ANNA_AGAIN, BERTA)
    house.commands.run("score")
    before, ids = house.digest(), house.customers()

    wish = Wish("together", "seen in the shop", ("app:anna", "app:berta"))
    outcome = decide(house.database, house.settings, wish=wish, actor="k1", key="r1")
    merged = house.together("crm:anna", "app:anna", "app:berta")
    undo = Wish("undo", "a slip", undo=outcome.words[0].decision_id)
    decide(house.database, house.settings, wish=undo, actor="k1", key="r2")
    house.commands.run("score")

    assert merged
    assert house.customers() == ids
    assert house.digest() == before
    assert first_broken(house.told("ResolutionEvent")) is None
    assert house.anew().written == 0


def test_another_birth_date_parts_whom_it_had_joined(house: House, parts: list[set[str]]) -> None:
    shared = {"tel": "13812345678"}
    house.bring(*crowd(), ANNA | shared, ANNA_AGAIN | shared, BERTA)
    house.resolve()
    joined = house.together("crm:anna", "app:anna")

    house.bring(ANNA_AGAIN | shared | {"born": "1955-10-28", "given": "wodola"})
    report = house.resolve()

    assert joined
    assert not house.together("crm:anna", "app:anna")
    assert report.events["kind"].to_pylist() == ["split"]
    assert parts
    refused = house.database.read(
        "MATCH ()-[h:HAS_IDENTIFIER]->() WHERE h.refused_reason IS NOT NULL "
        "RETURN h.refused_reason AS reason"
    )
    assert [row["reason"] for row in refused] == ["birth_date"]
    assert house.anew().written == 0


def test_shuffled_files_give_the_same_graph(house: House) -> None:
    people = [*crowd(), ANNA, ANNA_AGAIN, BERTA]
    house.bring_in_order(people)
    house.resolve()
    before, ids = house.digest(), house.customers()

    house.clear()
    shuffled = list(people)
    Random(1).shuffle(shuffled)
    house.bring_in_order(shuffled)
    house.resolve()

    assert house.customers() == ids
    assert house.digest() == before


def test_a_run_that_is_killed_is_finished_by_the_next(house: House) -> None:
    people = crowd()

    def begin() -> None:
        house.bring(*people[:-5], ANNA, BERTA | {"mail": "b@example.org"})
        house.resolve()
        house.bring(ANNA_AGAIN, BERTA | {"born": "1955-10-28"}, *people[-5:])

    begin()
    house.resolve()
    meant, ids = house.digest(), house.customers()
    house.clear()
    begin()

    code = killed(house, after=10)
    torn = house.told(RESOLVED_TO)
    house.resolve()

    assert code == -signal.SIGKILL
    assert len(torn) < len(ids)
    assert house.customers() == ids
    assert house.digest() == meant
    assert first_broken(house.told("ResolutionEvent")) is None
    assert house.anew().written == 0


def test_people_of_whom_no_system_tells_anything_are_resolved_in_part(
    house: House, parts: list[set[str]]
) -> None:
    def nobody(n: int) -> Row:
        return person(f"crm:{n}", "", "")

    house.bring(*(nobody(n) for n in range(40)))
    house.resolve()

    house.bring(nobody(40))
    house.resolve()
    house.bring(nobody(41))
    house.resolve()

    assert parts == [{"crm:40"}, {"crm:41"}]
    assert house.anew().written == 0


def test_with_another_secret_nothing_is_resolved_and_nothing_overwritten(house: House) -> None:
    house.bring(*crowd(), ANNA, ANNA_AGAIN)
    secret = house.settings.home / "secret"
    vault = {path: path.read_bytes() for path in (house.settings.home / "vault").iterdir()}

    secret.write_text("0f" * 32)
    with pytest.raises(VaultError):
        house.resolve()

    assert {path: path.read_bytes() for path in vault} == vault
    assert not (house.settings.home / "models").exists()
    for name in ("Customer", RESOLVED_TO, "ResolutionEvent", "AlgorithmRun"):
        assert house.told(name) == []


def test_a_first_load_is_resolved_as_the_graph_would_be(house: House) -> None:
    house.bring(*crowd(), ANNA, ANNA_AGAIN, BERTA)
    word = Word("together", "k1", "seen in the shop", ("app:anna", "app:berta"))
    record(decisions_file(house.settings), [word])

    reader = graph_reader(house.database, house.settings)
    staged = resolve_staged(reader, ground=read_ground(house.settings))
    house.resolve()

    for name in (RESOLVED_TO, LIKELY_SAME, TOGETHER, APART):
        told = [_undated(row) for row in house.told(name)]
        foretold = [_undated(row) for row in staged[name].to_pylist()]
        assert sorted(foretold, key=str) == sorted(told, key=str), name
    assert len(staged[TOGETHER]) == 1
    assert house.together("app:anna", "app:berta", "crm:anna")


def _undated(row: dict[str, object]) -> dict[str, object]:
    """Leave out when a row was written and by which run."""
    return {name: row[name] for name in sorted(row) if name not in ("since", "run_id")}
