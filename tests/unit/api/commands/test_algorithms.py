"""``kith algorithms``, and what ``kith resolve`` tells of its run."""

import json

import pyarrow as pa
import pytest

from algorithms.identity.run import ResolveReport
from algorithms.parameters import described
from algorithms.registry import REGISTRY
from api.commands.algorithms import _show_resolution
from tests.in_process import CommandLine


def report(*, unchanged: bool) -> ResolveReport:
    events = pa.table({"kind": ["merge"], "customer_id": ["c1"]})
    counts = {"customers": 1200, "accounts": 3000}
    return ResolveReport("identity-1", unchanged, counts, events, 0 if unchanged else 7, 1.5)


def test_the_algorithms_are_listed_in_their_order(kith: CommandLine) -> None:
    listed = kith.run("algorithms", "--json").json

    assert isinstance(listed, list)
    assert [a["name"] for a in listed] == [a.name for a in REGISTRY]
    assert [a["stage"] for a in listed] == [a.stage for a in REGISTRY]


def test_the_list_for_people_names_each(kith: CommandLine) -> None:
    said = kith.run("algorithms").out

    assert [a.name for a in REGISTRY if a.name not in said] == []


@pytest.mark.parametrize("algorithm", list(REGISTRY), ids=lambda a: a.name)
def test_one_algorithm_shows_its_parameters_and_what_it_writes(
    kith: CommandLine, algorithm: object
) -> None:
    found = REGISTRY.named(str(getattr(algorithm, "name", "")))

    shown = kith.run("algorithms", found.name, "--json").json

    assert isinstance(shown, dict)
    assert shown["version"] == found.version
    assert shown["reads"] == {table: list(columns) for table, columns in found.reads.items()}
    assert [row[0] for row in shown["parameters"]] == [p.name for p in described(found.parameters)]
    written = {(frame, p.name) for frame, ps in found.outputs.items() for p in ps}
    assert {(row[0], row[1]) for row in shown["writes"]} == written


def test_one_algorithm_for_people_begins_with_what_it_says(kith: CommandLine) -> None:
    found = REGISTRY.named("rfm")

    said = kith.run("algorithms", "rfm").out

    assert said.startswith(f"rfm {found.version}: {found.about}\n{found.source}\n")
    assert "rfm_recency_days" in said


def test_an_unknown_algorithm_is_not_found(kith: CommandLine) -> None:
    said = kith.run("algorithms", "tea_leaves", code=4)

    assert "There is no algorithm 'tea_leaves'. There are: " in said.err


def test_an_unknown_algorithm_is_json_where_json_was_asked_for(kith: CommandLine) -> None:
    said = kith.run("algorithms", "tea_leaves", "--json", code=4)

    assert said.out == ""
    assert json.loads(said.err)["code"] == "unknown-algorithm-error"


@pytest.mark.parametrize("given", ["rfm", "rfm.quantiles", "=5"])
def test_a_parameter_of_another_form_is_refused_before_the_database_starts(
    kith: CommandLine, given: str
) -> None:
    said = kith.run("score", "--set", given, code=2)

    assert said.out == ""
    assert not (kith.home / "server").exists()


def test_a_resolution_is_told_by_what_there_is(capsys: pytest.CaptureFixture[str]) -> None:
    _show_resolution(report(unchanged=False), as_json=False)

    out = capsys.readouterr().out
    assert out.index("accounts") < out.index("customers")
    assert "3,000" in out
    assert "nothing was written" not in out


def test_a_resolution_that_changed_nothing_says_so(capsys: pytest.CaptureFixture[str]) -> None:
    _show_resolution(report(unchanged=True), as_json=False)

    assert "every account already has its customer: nothing was written" in capsys.readouterr().out


def test_a_resolution_as_json_has_its_events(capsys: pytest.CaptureFixture[str]) -> None:
    _show_resolution(report(unchanged=False), as_json=True)

    assert json.loads(capsys.readouterr().out) == {
        "run_id": "identity-1",
        "unchanged": False,
        "counts": {"customers": 1200, "accounts": 3000},
        "written": 7,
        "seconds": 1.5,
        "events": [{"kind": "merge", "customer_id": "c1"}],
    }
