"""Esteem: likes, accepted answers, satisfaction, by hand."""

import pandas as pd
import pytest

from algorithms.contract import Result
from algorithms.esteem import ALGORITHM, NoEsteemError
from tests.forum_rows import post
from tests.pure import Rows, result_of, utc

AS_OF = "2026-03-02"


def esteemed(posts: Rows, tickets: Rows | None = None, **settings: str) -> pd.DataFrame:
    return whole(posts, tickets, **settings).frames["Customer"].set_index("customer_id")


def whole(posts: Rows, tickets: Rows | None = None, **settings: str) -> Result:
    rows = {"posts": posts, "tickets": tickets or []}
    return result_of(ALGORITHM, rows, settings=settings, as_of=AS_OF)


def ticket(who: str, satisfaction: float | None, when: str = "2026-01-05") -> dict[str, object]:
    return {"customer_id": who, "opened_at": utc(when), "satisfaction": satisfaction}


def test_likes_a_post_are_drawn_towards_the_mean_of_all() -> None:
    posts = [
        post("1", "a", day=1, n_likes=8),
        post("2", "b", day=1, n_likes=2),
        post("3", "b", day=2, n_likes=2),
    ]

    found = esteemed(posts)

    # 12 likes on 3 posts: a mean of 4; (8 + 4) / 2 and (4 + 4) / 3
    assert found["esteem_likes"].tolist() == [8, 4]
    assert found["esteem_likes_per_post"].tolist() == pytest.approx([6.0, 8 / 3])
    assert found["esteem_rank"].tolist() == [1, 2]


def test_a_post_that_states_no_likes_is_not_one_without_likes() -> None:
    posts = [post("1", "a", day=1, n_likes=4), post("2", "a", day=2), post("3", "b", day=1)]

    found = esteemed(posts)

    assert found.index.tolist() == ["a"]
    assert found["esteem_likes_per_post"].tolist() == [4.0]


def test_equals_share_a_place() -> None:
    posts = [post(str(i), who, day=1, n_likes=3) for i, who in enumerate("ab")]

    assert esteemed(posts)["esteem_rank"].tolist() == [1, 1]


def test_accepted_answers_are_of_the_kinds_that_are_set() -> None:
    posts = [
        post("1", "a", day=1, kind="最佳答案"),
        post("2", "a", day=1, kind="solved"),
        post("3", "b", day=1, kind="comment", n_likes=1),
    ]

    shipped, own = esteemed(posts), esteemed(posts, accepted="solved, done")

    assert shipped["esteem_accepted_answers"].to_dict() == {"a": 1, "b": 0}
    assert own["esteem_accepted_answers"].to_dict() == {"a": 1, "b": 0}
    assert shipped["esteem_likes"].isna().tolist() == [True, False]


def test_satisfaction_is_the_mean_of_a_customers_tickets() -> None:
    tickets = [ticket("a", 80), ticket("a", 100), ticket("b", None), ticket("c", 10, "2020-01-01")]

    found = esteemed([], tickets)

    assert found["esteem_satisfaction"].to_dict() == {"a": 90.0}


def test_what_the_data_lack_is_said() -> None:
    result = whole([post("1", "a", day=1, n_likes=4)])

    said = " ".join(note.en for note in result.notes)
    assert "No answer is marked as accepted" in said
    assert "No ticket states a satisfaction" in said
    assert "likes" not in said


def test_without_any_of_the_three_there_is_nothing_to_say() -> None:
    with pytest.raises(NoEsteemError):
        whole([post("1", "a", day=1)], [ticket("a", None)])


def test_an_explanation_names_what_there_is() -> None:
    known = {
        "esteem_likes": 9,
        "esteem_likes_per_post": 3.25,
        "esteem_accepted_answers": 2,
        "esteem_satisfaction": 80.0,
    }

    assert ALGORITHM.explain is not None
    said = ALGORITHM.explain(known, {"mean_likes_per_post": 1.5})

    assert said.en == (
        "9 likes, 3.25 a post (everybody 1.50); 2 accepted answers; satisfied with service at "
        "80 of 100."
    )
    assert "采纳" in said.zh
