"""Esteem at its edges: nothing stated, equals, windows, words."""

import numpy as np
import pytest

from algorithms.contract import Result
from algorithms.esteem import ALGORITHM, NoEsteemError
from algorithms.esteem_words import explain, notes_on
from algorithms.parameters import ParameterError
from tests.forum_rows import post
from tests.pure import Rows, result_of, rows_of, utc

AS_OF = "2026-03-02"  # day 60


def esteemed(posts: Rows, tickets: Rows | None = None, **settings: str) -> Result:
    rows = {"posts": posts, "tickets": tickets or []}
    return result_of(ALGORITHM, rows, settings=settings, as_of=AS_OF)


def ticket(who: str | None, satisfaction: float | None, when: str) -> dict[str, object]:
    return {"customer_id": who, "opened_at": utc(when), "satisfaction": satisfaction}


def columns(result: Result, *names: str) -> list[tuple[object, ...]]:
    return rows_of(result.frames["Customer"], "customer_id", *(f"esteem_{n}" for n in names))


def test_no_likes_that_are_stated_are_not_likes_that_are_missing() -> None:
    result = esteemed([post("1", "a", day=1, n_likes=0)])

    assert columns(result, "likes", "likes_per_post", "rank") == [("a", 0, 0.0, 1)]
    assert not any("No post states" in note.en for note in result.notes)


def test_one_lucky_post_does_not_lead_steady_ones() -> None:
    posts = [post("lucky", "a", day=1, n_likes=30)]
    posts += [post(f"b{i}", "b", day=1, n_likes=25) for i in range(9)]
    posts += [post(f"c{i}", "c", day=1, n_likes=0) for i in range(20)]

    result = esteemed(posts)

    # 255 likes on 30 posts: 8.5; (30 + 8.5) / 2, (225 + 8.5) / 10, 8.5 / 21
    per_post = result.frames["Customer"]["esteem_likes_per_post"]
    assert per_post.tolist() == pytest.approx([19.25, 23.35, 8.5 / 21])
    assert columns(result, "rank") == [("a", 2), ("b", 1), ("c", 3)]


def test_shrunken_means_keep_to_both_sides_of_the_mean_of_all() -> None:
    likes = [0, 1, 1, 2, 3, 5, 8, 13]
    result = esteemed([post(f"{n}-{i}", f"p{i}", day=1, n_likes=n) for i, n in enumerate(likes)])

    shrunk = result.frames["Customer"]["esteem_likes_per_post"].to_numpy(float)
    mean = np.mean(likes)
    assert result.metrics["mean_likes_per_post"] == pytest.approx(mean)
    assert shrunk == pytest.approx((np.array(likes) + mean) / 2)


@pytest.mark.parametrize(("day", "counts"), [(49.9, False), (50.0, False), (50.1, True)])
def test_likes_of_posts_before_the_window_do_not_count(day: float, *, counts: bool) -> None:
    posts = [post("1", "a", day=day, n_likes=5), post("2", "b", day=59, n_likes=1)]

    found = {who for who, _ in columns(esteemed(posts, window_days="10"), "likes")}

    assert ("a" in found) == counts


def test_satisfaction_is_of_the_tickets_of_the_window_and_of_somebody_known() -> None:
    tickets = [
        ticket("a", 0, "2026-02-25"),
        ticket("a", 50, "2026-02-26"),
        ticket("a", 100, "2025-12-01"),
        ticket(None, 100, "2026-02-26"),
    ]

    result = esteemed([], tickets, window_days="10")

    assert columns(result, "satisfaction") == [("a", 25.0)]
    assert result.metrics["n_satisfaction"] == 1


def test_who_is_only_satisfied_has_no_likes_and_no_rank() -> None:
    frame = esteemed([], [ticket("a", 80, "2026-02-25")]).frames["Customer"]

    assert frame["esteem_likes"].isna().all()
    assert frame["esteem_rank"].isna().all()
    assert frame["esteem_accepted_answers"].tolist() == [0]


def test_posts_of_nobody_raise_no_mean() -> None:
    posts = [
        post("1", "a", day=1, n_likes=2),
        {**post("2", "b", day=1, n_likes=98), "customer_id": None},
    ]

    assert esteemed(posts).metrics["mean_likes_per_post"] == 2.0


def test_the_order_of_rows_changes_nothing() -> None:
    posts = [post(str(i), "abc"[i % 3], day=i, n_likes=i) for i in range(12)]

    straight, turned = esteemed(posts), esteemed(posts[::-1])

    assert straight.frames["Customer"].equals(turned.frames["Customer"])


@pytest.mark.parametrize("who", ["", "🐱", "שלום", "'; --"])
def test_authors_of_any_script_are_esteemed(who: str) -> None:
    assert columns(esteemed([post("1", who, day=1, n_likes=1)]), "likes") == [(who, 1)]


@pytest.mark.parametrize(
    ("names", "expected"), [("x", 1), (" x , y ", 2), (",,x,", 1), ("", None), (" , ", None)]
)
def test_kinds_of_accepted_answers_are_parted_by_commas(names: str, expected: int | None) -> None:
    posts = [post("1", "a", day=1, kind="x"), post("2", "a", day=1, kind="y")]
    posts.append(post("3", "a", day=1))

    if expected is None:
        with pytest.raises(NoEsteemError, match="365 days"):
            esteemed(posts, accepted=names)
    else:
        assert columns(esteemed(posts, accepted=names), "accepted_answers") == [("a", expected)]


@pytest.mark.parametrize("value", ["0", "36501", "some"])
def test_a_window_out_of_bounds_is_refused(value: str) -> None:
    with pytest.raises(ParameterError, match=r"esteem\.window_days"):
        esteemed([], window_days=value)


@pytest.mark.parametrize(
    ("likes", "accepted", "stated", "n"),
    [(True, True, 1, 0), (False, True, 1, 1), (True, False, 0, 2), (False, False, 0, 3)],
)
def test_each_of_the_three_that_lacks_is_told_once(
    likes: bool,
    accepted: bool,
    stated: int,
    n: int,
) -> None:
    notes = list(notes_on(likes=likes, accepted=accepted, stated=stated))

    assert len({note.en for note in notes}) == len({note.zh for note in notes}) == n


def test_only_what_is_known_is_explained() -> None:
    accepted = explain({"esteem_likes": None, "esteem_accepted_answers": 3}, {})
    satisfied = explain({"esteem_accepted_answers": 0, "esteem_satisfaction": 0.0}, {})

    assert (accepted.en, accepted.zh) == ("3 accepted answers.", "被采纳回答 3 次。")
    assert satisfied.en == "satisfied with service at 0 of 100."
    assert satisfied.zh == "服务满意度 0（满分 100）。"
