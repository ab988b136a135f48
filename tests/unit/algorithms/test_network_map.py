"""The map of the network: whom it shows, how many it does not, and who stays in place."""

import pandas as pd
import pyarrow as pa
import pytest

from algorithms.contract import Result
from algorithms.network_map import ALGORITHM, NobodyDrawnError
from algorithms.reduction import REMEMBERED
from tests.pure import Rows, rows_of, run_on, tables_of, utc

Pair = tuple[str, str]
PAIRS: list[Pair] = [("b", "a"), ("c", "a"), ("d", "a"), ("a", "b"), ("c", "b"), ("e", "d")]


def forum(pairs: list[Pair], *, scores: dict[str, float] | None = None) -> dict[str, Rows]:
    people = sorted({name for pair in pairs for name in pair})
    posts: Rows = [
        {
            "post_id": f"{number}",
            "customer_id": by,
            "posted_at": utc("2026-01-15"),
            "reply_to_account_id": f"account of {to}",
        }
        for number, (by, to) in enumerate(pairs)
    ]
    customers: Rows = [
        {
            "customer_id": name,
            "circle_id": "k1" if name < "d" else None,
            "influence_score": (scores or {}).get(name),
        }
        for name in people
    ]
    accounts: Rows = [{"account_id": f"account of {name}", "customer_id": name} for name in people]
    return {"posts": posts, "accounts": accounts, "customers": customers}


def mapped(rows: dict[str, Rows], *, before: Result | None = None, **wished: str) -> Result:
    tables = tables_of(ALGORITHM, rows)
    if before is not None:
        held = before.frames["Customer"][["customer_id", *ALGORITHM.remembers]]
        tables[REMEMBERED] = pa.Table.from_pandas(held, preserve_index=False)
    return run_on(ALGORITHM, tables, settings=wished, as_of=utc("2026-02-01"))


def shown(result: Result) -> list[object]:
    return result.frames["Customer"]["customer_id"].tolist()


def places(result: Result) -> dict[object, tuple[object, ...]]:
    rows = rows_of(result.frames["Customer"], "customer_id", "network_x", "network_y")
    return {row[0]: row[1:] for row in rows}


def test_everybody_in_a_small_network_is_shown() -> None:
    result = mapped(forum(PAIRS))

    assert shown(result) == ["a", "b", "c", "d", "e"]
    assert result.metrics["settled"]
    assert result.notes[0].en == "Showing 5 of 5 people: those of most attention."


def test_of_a_large_network_those_of_most_attention_are_shown() -> None:
    scores = {"a": 1.0, "b": 2.0, "e": 9.0}

    result = mapped(forum(PAIRS, scores=scores), nodes="2")

    assert shown(result) == ["b", "e"]
    assert (result.metrics["shown"], result.metrics["people"]) == (2, 5)
    assert (result.metrics["lines_shown"], result.metrics["lines"]) == (0, 6)


def test_where_attention_is_not_known_repliers_decide() -> None:
    result = mapped(forum(PAIRS), nodes="3")

    # a has three repliers, b two and d one; c and e none
    rows = rows_of(result.frames["Customer"], "customer_id", "network_size")
    assert rows == [("a", 3.0), ("b", 2.0), ("d", 1.0)]


def test_lines_are_who_answered_whom_and_how_often() -> None:
    result = mapped(forum([*PAIRS, ("b", "a")]), nodes="3")

    lines = rows_of(result.frames["network_lines"], "customer_id", "target_id", "n")
    assert lines == [("a", "b", 1), ("b", "a", 2), ("d", "a", 1)]


def test_the_same_facts_leave_everybody_in_place() -> None:
    first = mapped(forum(PAIRS))

    again = mapped(forum(PAIRS), before=first)

    assert places(again) == places(first)
    assert again.metrics["steps"] == 0


def test_a_newcomer_moves_the_others_little() -> None:
    first = mapped(forum(PAIRS))

    second = mapped(forum([*PAIRS, ("f", "e")]), before=first)

    old, new = (pd.DataFrame(places(r)).T.astype(float) for r in (first, second))
    moved = ((new.loc[old.index] - old) ** 2).sum(axis=1) ** 0.5
    assert moved.max() < 1  # a step between two of one circle
    assert "f" in places(second)


def test_two_newcomers_with_the_same_friend_do_not_stand_in_one_place() -> None:
    first = mapped(forum(PAIRS))

    second = places(mapped(forum([*PAIRS, ("f", "a"), ("g", "a")]), before=first))

    assert second["f"] != second["g"]


def test_two_people_are_a_map() -> None:
    result = mapped(forum([("a", "b")]))

    (one, other) = places(result).values()
    gap = sum((float(str(p)) - float(str(q))) ** 2 for p, q in zip(one, other, strict=True)) ** 0.5
    assert gap == pytest.approx(1, abs=0.02)


def test_nobody_answered_is_nothing_to_draw() -> None:
    with pytest.raises(NobodyDrawnError, match="nobody answered anybody"):
        mapped(forum([("a", "a")]))
