"""``kith evaluate identity`` on a loaded graph, as its user meets it."""

import json
import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest

from graph.session import Database
from graph.settings import Settings
from tests.in_process import CommandLine, logging_restored
from tests.integration.loaders.conftest import LiveShop, forget
from tests.loading import company, part, source

pytestmark = pytest.mark.integration

TABLES = [
    part("accounts", "people", account_key="id", kind="'member'"),
    part("identifiers", "people", account_key="id", kind="'phone'", value="tel"),
]
PEOPLE = {
    # A1 and T1 are one person, A2 and U1 two who share a phone, A3 and U3 one with two phones
    "crm": ["A1,13812345678", "A2,13900001111", "A3,13711112222"],
    "app": ["U1,13900001111", "U3,13511112222"],
    "till": ["13812345678,13812345678"],
}
TRUTH = (
    "account_id,person,household\n"
    "crm:A1,P1,H1\ntill:13812345678,P1,H1\ncrm:A2,P2,H2\napp:U1,P4,H2\n"
    "crm:A3,P3,H3\napp:U3,P3,H3\n"
)


@pytest.fixture
def kith(
    tmp_path: Path,
    database: Database,
    server_home: Settings,
    *,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> Iterator[CommandLine]:
    """Return the commands of a home where three systems are loaded and resolved."""
    shop = LiveShop(tmp_path / "shop", server_home)
    for name, rows in PEOPLE.items():
        shop.write(f"{name}.csv", "\n".join(["id,tel", *rows]) + "\n")
    shop.put(
        company(
            *(
                source(
                    name,
                    files={"people": f"{name}.csv"},
                    tables=TABLES,
                    personal_key=name == "till",
                )
                for name in PEOPLE
            )
        )
    )
    monkeypatch.setenv("KITH_HOME", str(server_home.home))
    kith = CommandLine(server_home.home, monkeypatch, capsys)
    with logging_restored():
        kith.run("resolve")
        yield kith
    forget(server_home)
    shutil.rmtree(server_home.home / "demo", ignore_errors=True)


@pytest.fixture
def truth(tmp_path: Path) -> Path:
    path = tmp_path / "truth.csv"
    path.write_text(TRUTH)
    return path


def test_the_figures_are_those_of_counting_by_hand(kith: CommandLine, truth: Path) -> None:
    found = kith.run("evaluate", "identity", "--truth", str(truth), "--json").json

    assert isinstance(found, dict)
    assert found["coverage"] == {
        "n_graded": 6,
        "n_without_person": 0,
        "n_unresolved": 0,
        "n_unknown": 0,
        "n_incomplete": 0,
        "unknown": "",
    }
    # true: A1-T1 and A3-U3; joined: A1-T1, rightly, and A2-U1, who live together
    assert found["pairs"] == {
        "true": 2,
        "predicted": 2,
        "common": 1,
        "precision": 0.5,
        "recall": 0.5,
        "f1": 0.5,
    }
    assert found["household_precision"] == {"part": 2, "whole": 2, "value": 1.0}
    assert found["over_merged_persons"] == {"part": 2, "whole": 4, "value": 0.5}
    assert found["fragmented_persons"] == {"part": 1, "whole": 4, "value": 0.25}
    assert found["largest"]["n_accounts"] == 2
    assert found["oracle_recall"] is None
    # by account: 1 1 1/2 1/2 1 1
    assert found["bcubed"]["precision"] == pytest.approx(5 / 6)


def test_slices_name_sources_and_rules(kith: CommandLine, truth: Path) -> None:
    found = kith.run("evaluate", "identity", "--truth", str(truth), "--json").json

    assert isinstance(found, dict)
    pairs = {s["name"]: (s["true"], s["predicted"]) for s in found["slices"]["source_pairs"]}
    assert pairs == {"crm + till": (1, 1), "app + crm": (1, 1)}
    rules = {s["name"]: (s["n_accounts"], s["common"]) for s in found["slices"]["rules"]}
    assert rules == {"phone": (4, 2), "alone": (2, 0)}
    assert [s["name"] for s in found["slices"]["household_sizes"]] == ["1", "2"]


def test_the_report_says_which_run_it_grades(kith: CommandLine, truth: Path) -> None:
    found = kith.run("evaluate", "identity", "--truth", str(truth), "--json").json
    said = kith.run("evaluate", "identity", "--truth", str(truth)).out

    assert isinstance(found, dict)
    assert found["run_id"].startswith("identity-")
    assert found["run_id"] in said
    for words in ("pairwise precision", "B-cubed precision", "largest cluster", "over-merged"):
        assert words in said
    assert "graded: 6 accounts" in said
    assert "no run before it" in said


def test_a_run_without_new_evidence_moves_nobody(kith: CommandLine, truth: Path) -> None:
    kith.run("resolve", "--full")

    found = kith.run("evaluate", "identity", "--truth", str(truth), "--json").json

    assert isinstance(found, dict)
    assert found["id_churn"]["part"] == 0


def test_accounts_that_the_graph_does_not_hold_are_counted_and_named(
    kith: CommandLine, truth: Path
) -> None:
    truth.write_text(TRUTH + "crm:A9,P9,H9\ntill:13700000000,P9,H9\n")

    said = kith.run("evaluate", "identity", "--truth", str(truth)).out

    assert "2 accounts of the truth that the graph does not hold: crm:A9, till:<hidden>" in said
    assert "graded: 6 accounts" in said
    assert "13700000000" not in said


def test_a_truth_of_other_accounts_is_refused(kith: CommandLine, truth: Path) -> None:
    truth.write_text("account_id,person\nerp:1,P1\n")

    said = kith.run("evaluate", "identity", "--truth", str(truth), "--json", code=1)

    assert json.loads(said.err)["code"] == "nothing-in-common-error"
    assert said.out == ""


def test_the_truth_of_the_demo_is_taken_where_none_is_given(kith: CommandLine, truth: Path) -> None:
    import pyarrow.parquet as pq
    from pyarrow import csv

    place = kith.home / "demo" / "retail-100-7" / "truth" / "accounts.parquet"
    place.parent.mkdir(parents=True)
    pq.write_table(csv.read_csv(truth), place)

    found = kith.run("evaluate", "identity", "--json").json

    assert isinstance(found, dict)
    assert found["truth"] == str(place)
    assert found["pairs"]["common"] == 1


def test_the_report_speaks_chinese(
    kith: CommandLine, truth: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("KITH_LANG", "zh")

    said = kith.run("evaluate", "identity", "--truth", str(truth)).out

    assert "成对精确率" in said
    assert "参与评估" in said
