"""The map at its limits: ties at the last place, people alone, bounds, and both languages."""

from math import dist
from random import Random

import pandas as pd
import pytest

from algorithms.contract import Result
from algorithms.network_map import ALGORITHM, MATHEMATICS, NetworkParameters, NobodyDrawnError
from algorithms.parameters import ParameterError, parameters_of
from tests.circle_forum import clique, forum
from tests.pure import Rows, result_of, rows_of, utc

STAR = [("b", "a"), ("c", "a"), ("d", "a")]


def mapped(rows: dict[str, Rows], **wished: str) -> Result:
    return result_of(ALGORITHM, rows, settings=wished)


def sizes(result: Result) -> list[tuple[object, ...]]:
    return rows_of(result.frames["Customer"], "customer_id", "network_size")


def scored(rows: dict[str, Rows], **scores: float) -> dict[str, Rows]:
    for customer in rows["customers"]:
        customer["influence_score"] = scores.get(str(customer["customer_id"]))
    return rows


def apart(result: Result, one: str, other: str) -> float:
    rows = rows_of(result.frames["Customer"], "customer_id", "network_x", "network_y")
    at = {row[0]: [float(str(value)) for value in row[1:]] for row in rows}
    return dist(at[one], at[other])


def test_of_equals_the_smaller_ids_are_shown() -> None:
    assert sizes(mapped(forum(clique("d", "c", "b", "a")), nodes="2")) == [("a", 3), ("b", 3)]


def test_a_score_of_nothing_is_a_score_and_none_is_the_number_of_repliers() -> None:
    assert sizes(mapped(scored(forum(STAR), b=0.0, c=0.5))) == [
        ("a", 3),
        ("b", 0),
        ("c", 0.5),
        ("d", 0),
    ]


def test_a_map_of_one_person_has_no_lines_and_stands_still() -> None:
    result = mapped(forum(STAR), nodes="1")

    (person,) = sizes(result)
    assert person == ("a", 3)
    assert result.frames["network_lines"].empty
    assert result.metrics["settled"] is True
    assert (result.metrics["lines_shown"], result.metrics["lines"]) == (0, 3)


def test_people_of_different_circles_stand_further_apart_than_those_of_one() -> None:
    rows = forum([*clique("a", "b"), *clique("b", "c")])
    for customer in rows["customers"]:
        customer["circle_id"] = "k2" if customer["customer_id"] == "c" else "k1"

    result = mapped(rows)

    # one step within a circle, three between
    assert apart(result, "a", "b") == pytest.approx(1, abs=0.1)
    assert apart(result, "b", "c") == pytest.approx(3, abs=0.1)


def test_pairs_that_nothing_joins_are_on_one_map() -> None:
    result = mapped(forum([("a", "b"), ("c", "d")]))

    places = result.frames["Customer"][["network_x", "network_y"]]
    assert places.notna().all(axis=None)
    assert apart(result, "a", "c") > apart(result, "a", "b")


def test_the_order_of_rows_moves_nobody() -> None:
    rows = forum([*clique(*"abcd"), *clique(*"efgh"), ("a", "e")])
    first = mapped(rows)

    for table in rows.values():
        Random(1).shuffle(table)

    for name, frame in mapped(rows).frames.items():
        pd.testing.assert_frame_equal(frame, first.frames[name])


def test_who_writes_and_is_never_answered_is_not_on_the_map() -> None:
    rows = forum(STAR)
    rows["posts"].append({"post_id": "x", "customer_id": "z", "posted_at": utc("2026-01-15")})
    rows["customers"].append({"customer_id": "z"})

    result = mapped(rows)

    assert "z" not in {row[0] for row in sizes(result)}
    assert result.metrics["people"] == 4


def test_a_line_tells_the_latest_of_its_replies() -> None:
    rows = forum([("b", "a")] * 3)
    for post, day in zip(rows["posts"], ("2026-01-03", "2026-01-20", "2026-01-11"), strict=True):
        post["posted_at"] = utc(day)

    lines = mapped(rows).frames["network_lines"]

    assert rows_of(lines, "n", "last_at") == [(3, pd.Timestamp("2026-01-20", tz="UTC"))]


def test_how_many_are_shown_is_said_in_both_languages() -> None:
    (note,) = mapped(forum(STAR), nodes="3").notes

    assert note.en == "Showing 3 of 4 people: those of most attention."
    assert note.zh == "共 4 人，绘制关注度最高的 3 人。"


def test_a_drawing_that_has_not_settled_says_so(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("algorithms.network.stress.MOST_STEPS", 1)

    _, note = mapped(forum([*clique(*"abcd"), *clique(*"efgh"), ("a", "e")])).notes

    assert note.en.startswith("The drawing had not settled")
    assert note.zh == "绘图在步数用尽时尚未稳定，下次运行会继续移动。"


def test_an_empty_forum_has_no_map_in_either_language() -> None:
    with pytest.raises(NobodyDrawnError) as nothing:
        mapped({})

    assert nothing.value.message("zh") == "network：窗口内没有人回复他人，无图可绘。"
    assert nothing.value.message("en").startswith("network: nobody answered anybody")


@pytest.mark.parametrize("nodes", ["0", "1001", "-1", "many"])
def test_a_map_has_one_to_a_thousand_people(nodes: str) -> None:
    with pytest.raises(ParameterError, match=r"network\.nodes"):
        parameters_of(
            NetworkParameters, {"nodes": nodes}, algorithm="network", as_of=utc("2026-01-01")
        )


def test_formulas_are_the_same_in_both_languages() -> None:
    english, chinese = (part.split("$")[1::2] for part in MATHEMATICS.definition)

    assert {*chinese} <= {*english}
