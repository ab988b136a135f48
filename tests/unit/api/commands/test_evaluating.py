"""``kith evaluate`` without a database: what is refused before one starts, what is printed."""

import json
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

import pyarrow as pa
import pytest

from algorithms.identity.evaluation import Share
from algorithms.identity.grading import Evaluation, Moved, evaluate
from algorithms.identity.truth import Truth
from api.commands.evaluating import as_document, figures, show
from api.output import emit_json
from graph.language import speaking
from tests.in_process import CommandLine

PATH = Path("truth.csv")
MOVED = Moved("identity-7", datetime(2026, 3, 1, 9, tzinfo=UTC), Share(1, 4))
FIRST = replace(MOVED, churn=Share(0, 0))


def evaluation(*, with_oracle: bool = False, missing: bool = False) -> Evaluation:
    """Grade five accounts of three people, of whom two live together."""
    columns: dict[str, list[str]] = {
        "account_id": ["a:1", "a:2", "b:1", "b:2", "c:1"],
        "person": ["P", "P", "Q", "Q", "R"],
    }
    if with_oracle:
        columns |= {"household": ["h", "h", "h", "h", "k"], "oracle": ["p", "p", "q", "r", "s"]}
    accounts = pa.table(
        {
            "account_id": [*columns["account_id"][: 4 if missing else 5], "d:1", "d:2"],
            "customer_id": [*["x", "x", "x", "y", "z"][: 4 if missing else 5], "x", None],
        }
    )
    return evaluate(accounts, Truth(PATH, pa.table(columns), n_incomplete=2))


def told(found: Evaluation, moved: Moved | None = MOVED) -> dict[str, object]:
    return {name.en: (value, counted) for name, value, counted in figures(found.grades, moved)}


def test_no_command_without_a_name(kith: CommandLine) -> None:
    said = kith.run("evaluate", code=2)

    assert "identity" in said.out + said.err


def test_the_help_tells_the_form_of_the_truth(kith: CommandLine) -> None:
    assert "account_id,person" in kith.run("evaluate", "identity", "--help").out


@pytest.mark.parametrize(
    ("content", "code"),
    [
        (None, "truth-file-error"),
        ("", "truth-file-error"),
        ("account_id,who\na:1,P\n", "truth-column-error"),
        ("account_id,person\na:1,P\na:1,Q\n", "contradictory-truth-error"),
    ],
)
def test_a_wrong_truth_is_refused_before_the_database_starts(
    kith: CommandLine, tmp_path: Path, *, content: str | None, code: str
) -> None:
    path = tmp_path / "truth.csv"
    if content is not None:
        path.write_text(content)

    said = kith.run("evaluate", "identity", "--truth", str(path), "--json", code=2)

    assert json.loads(said.err)["code"] == code
    assert not (kith.home / "server").exists()


def test_without_a_demo_a_truth_has_to_be_given(kith: CommandLine) -> None:
    said = kith.run("evaluate", "identity", code=2)

    assert "--truth FILE" in said.err
    assert not (kith.home / "server").exists()


def test_every_figure_has_what_it_was_counted_from() -> None:
    found = told(evaluation())

    # joined: a:1 a:2 b:1; true: a:1-a:2 and b:1-b:2
    assert found["pairwise precision"] == (1 / 3, "1 / 3")
    assert found["pairwise recall"] == (1 / 2, "1 / 2")
    assert found["persons over-merged"] == (2 / 3, "2 / 3")
    assert found["persons fragmented"] == (1 / 3, "1 / 3")
    assert found["customers that are exactly one person"] == (1 / 3, "1 / 3")
    assert found["largest cluster"] == (3, "accounts of 2 persons")
    assert found["id churn of the last run"] == (0.25, "1 / 4")


def test_bcubed_never_stands_alone() -> None:
    names = list(told(evaluation()))

    assert names.index("pairwise precision") < names.index("B-cubed precision")
    assert {"pairwise recall", "largest cluster", "persons over-merged"} < set(names)


def test_oracle_and_households_are_told_where_the_truth_knows_them() -> None:
    without, found = told(evaluation()), told(evaluation(with_oracle=True))

    assert found["recall against the oracle"] == (1.0, "1 / 1")
    assert found["F1 of precision and oracle recall"] == (0.5, "")
    assert found["precision against households"] == (1.0, "3 / 3")
    assert set(found) - set(without) == {
        "recall against the oracle",
        "F1 of precision and oracle recall",
        "precision against households",
    }


def test_a_first_run_has_no_churn_to_tell() -> None:
    assert told(evaluation(), FIRST)["id churn of the last run"] == (None, "no run before it")
    assert "id churn of the last run" not in told(evaluation(), None)


def test_whoever_was_left_out_is_told(capsys: pytest.CaptureFixture[str]) -> None:
    show(evaluation(missing=True), PATH, moved=MOVED)

    out = capsys.readouterr().out
    assert "resolution identity-7, 2026-03-01 09:00:00 UTC; truth truth.csv" in out
    assert "graded: 4 accounts" in out
    assert "1 accounts of the truth that the graph does not hold: c:1" in out
    assert "1 accounts of which the truth says nothing" in out
    assert "1 accounts without a customer; run kith resolve" in out
    assert "2 rows of the truth without account or person" in out


def test_slices_are_tables_of_their_own(capsys: pytest.CaptureFixture[str]) -> None:
    show(evaluation(with_oracle=True), PATH, moved=None)

    out = capsys.readouterr().out
    assert "by the sources of both accounts" in out
    assert "a + b" in out
    assert "by persons in the household" in out
    # nobody said by which rule accounts were joined
    assert "by the rule" not in out


def test_the_document_is_json_with_every_count(capsys: pytest.CaptureFixture[str]) -> None:
    emit_json(as_document(evaluation(with_oracle=True), PATH, moved=MOVED))

    found = json.loads(capsys.readouterr().out)
    assert found["run_id"] == "identity-7"
    assert found["resolved_at"] == "2026-03-01T09:00:00+00:00"
    assert found["pairs"]["common"] == 1
    assert found["oracle_recall"] == {"part": 1, "whole": 1, "value": 1.0}
    assert found["oracle_f1"] == 0.5
    assert found["id_churn"] == {"part": 1, "whole": 4, "value": 0.25}
    assert [s["name"] for s in found["slices"]["source_pairs"]] == ["a + a", "a + b", "b + b"]
    assert found["slices"]["rules"] == []


def test_the_words_follow_the_language_and_the_keys_do_not() -> None:
    with speaking("zh"):
        names = [str(name) for name, _, _ in figures(evaluation().grades, MOVED)]
        document = as_document(evaluation(), PATH, moved=MOVED)

    assert "成对精确率" in names
    assert document.keys() == as_document(evaluation(), PATH, moved=None).keys()
