"""The record of decisions: what is written stays, what contradicts is refused."""

from pathlib import Path

import pytest

from algorithms.identity.decisions import (
    ContradictionError,
    DecisionsError,
    read_decisions,
    record,
)
from algorithms.identity.words import Word


def pin(one: str, other: str, *, verb: str = "together", key: str = "") -> Word:
    assert verb in ("together", "apart")
    return Word("together" if verb == "together" else "apart", "anna", "why", (one, other), key=key)


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "decisions.jsonl"


def test_there_are_no_decisions_before_the_first(path: Path) -> None:
    assert read_decisions(path) == []


def test_what_was_recorded_is_read_back_with_a_number_and_a_time(path: Path) -> None:
    first = record(path, [pin("a", "b")])
    second = record(path, [Word("block", "bert", "店内电话", identifier="k1")])

    assert read_decisions(path) == [*first, *second]
    assert [word.decision_id for word in read_decisions(path)] == ["d000001", "d000002"]
    assert all(word.at.endswith("+00:00") for word in read_decisions(path))


def test_the_record_is_for_its_owner_alone(path: Path) -> None:
    record(path, [pin("a", "b")])

    assert path.stat().st_mode & 0o777 == 0o600


def test_a_request_that_comes_twice_is_recorded_once(path: Path) -> None:
    first = record(path, [pin("a", "b", key="r1")])

    again = record(path, [pin("a", "b", key="r1")])

    assert again == first
    assert len(read_decisions(path)) == 1


@pytest.mark.parametrize("last", ["apart", "together"])
def test_what_cannot_both_be_is_refused_by_name(path: Path, last: str) -> None:
    pins = {"apart": pin("a", "c", verb="apart"), "together": pin("b", "c")}
    record(path, [pin("a", "b")])
    record(path, [pins["together" if last == "apart" else "apart"]])

    with pytest.raises(ContradictionError) as refusal:
        record(path, [pins[last]])

    assert refusal.value.facts["verb"] == last
    assert refusal.value.facts["decisions"] in ("d000001, d000002", "d000002, d000001")
    assert len(read_decisions(path)) == 2


def test_a_pair_may_be_decided_anew(path: Path) -> None:
    record(path, [pin("a", "b")])

    record(path, [pin("b", "a", verb="apart")])

    assert len(read_decisions(path)) == 2


def test_what_was_withdrawn_contradicts_nothing(path: Path) -> None:
    record(path, [pin("a", "b")])
    record(path, [pin("b", "c")])
    record(path, [Word("withdraw", "anna", "why", refers="d000002")])

    record(path, [pin("a", "c", verb="apart")])

    assert len(read_decisions(path)) == 4


def test_a_line_that_was_cut_off_is_no_decision_and_is_written_over(path: Path) -> None:
    first = record(path, [pin("a", "b")])
    with path.open("a") as file:
        file.write('{"verb": "tog')

    assert read_decisions(path) == first
    second = record(path, [pin("c", "d")])
    assert read_decisions(path) == [*first, *second]


@pytest.mark.parametrize("line", ["nonsense", "{}", '["a"]'])
def test_a_damaged_record_is_told_and_left_alone(path: Path, line: str) -> None:
    path.write_text(f"{line}\n")

    with pytest.raises(DecisionsError) as failure:
        record(path, [pin("a", "b")])

    assert failure.value.facts["line"] == 1
    assert path.read_text() == f"{line}\n"
