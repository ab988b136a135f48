"""Two writers share the work out so that they rarely meet, and stop together."""

import threading
from itertools import pairwise

import pyarrow as pa
import pytest

from graph.batches import apart, halves, run_lanes


def links(pairs: list[tuple[str, str]]) -> pa.Table:
    ordered = sorted(pairs)
    return pa.table({"start_id": [a for a, _ in ordered], "end_id": [b for _, b in ordered]})


def numbered(n: int) -> pa.Table:
    return pa.table({"k": [f"{i:05}" for i in range(n)]})


MANY = [(f"a{i % 37:02}", f"b{(i * 7) % 23:02}") for i in range(500)]


def test_nodes_are_cut_into_two_consecutive_halves() -> None:
    first, second = halves(numbered(25), most_rows=10)

    assert [batch.num_rows for batch in first] == [10, 10]
    assert [batch.num_rows for batch in second] == [5]


def test_every_relationship_is_in_exactly_one_batch() -> None:
    lanes = apart(links(MANY), most_rows=20)

    batched = [row for lane in lanes for batch in lane for row in batch.to_pylist()]
    assert sorted((row["start_id"], row["end_id"]) for row in batched) == sorted(MANY)


def test_two_writers_have_no_end_node_in_common() -> None:
    first, second = apart(links(MANY), most_rows=20)

    ends = [
        {end for batch in lane for end in batch["end_id"].to_pylist()} for lane in (first, second)
    ]
    assert ends[0] & ends[1] == set()
    assert ends[0] | ends[1] == {end for _, end in MANY}


def test_two_writers_walk_the_start_nodes_from_opposite_sides() -> None:
    first, second = apart(links(MANY), most_rows=20)

    firsts = [batch["start_id"][0].as_py() for batch in first]
    seconds = [batch["start_id"][0].as_py() for batch in second]
    assert all(a <= b for a, b in pairwise(firsts))
    assert all(a >= b for a, b in pairwise(seconds))


def test_within_a_batch_start_nodes_rise_for_both_writers() -> None:
    for lane in apart(links(MANY), most_rows=20):
        for batch in lane:
            starts = batch["start_id"].to_pylist()
            assert starts == sorted(starts)


def test_few_relationships_are_one_batch_of_one_writer() -> None:
    (lane,) = apart(links(MANY), most_rows=1000)

    assert [batch.num_rows for batch in lane] == [500]


def test_what_the_work_returns_is_added_up() -> None:
    total = run_lanes(halves(numbered(95), most_rows=10), lambda batch: int(batch.num_rows))

    assert total == 95


def test_two_writers_work_at_the_same_time() -> None:
    together = threading.Barrier(2, timeout=30)

    def meet(batch: pa.Table) -> int:
        together.wait()
        return int(batch.num_rows)

    assert run_lanes(halves(numbered(20), most_rows=10), meet) == 20


def test_one_batch_runs_in_the_callers_thread() -> None:
    def own_thread(batch: pa.Table) -> int:
        assert threading.current_thread() is threading.main_thread()
        return int(batch.num_rows)

    assert run_lanes(halves(numbered(5), most_rows=10), own_thread) == 5


def test_progress_counts_every_row_once() -> None:
    told: list[int] = []

    run_lanes(halves(numbered(95), most_rows=10), lambda _: 0, on_rows=told.append)

    assert sum(told) == 95


def test_a_failure_stops_the_other_writer_and_is_raised() -> None:
    failed = threading.Event()
    done: list[str] = []

    def work(batch: pa.Table) -> int:
        first = batch["k"][0].as_py()
        if first == "00000":
            failed.set()
            message = "the first batch fails"
            raise ValueError(message)
        failed.wait(30)
        done.append(first)
        # what a transaction takes: long enough for the failure to be noticed
        threading.Event().wait(0.05)
        return 1

    with pytest.raises(ValueError, match="first batch"):
        run_lanes(halves(numbered(1000), most_rows=10), work)
    assert len(done) < 50


def test_no_rows_are_no_work() -> None:
    assert run_lanes(halves(numbered(0), most_rows=10), lambda _: 1) == 0
    assert run_lanes(apart(links([]), most_rows=10), lambda _: 1) == 0
