"""The community: nicknames, threads, and few who get the answers."""

import re

import numpy as np
import pytest

from loaders.demo.community import _parents, _threads
from loaders.demo.draw import Ints, stream
from tests.demo_exports import N, company, person_of, rows_of


def test_nicknames_hold_emoji_and_full_width_letters() -> None:
    handles = rows_of("community", "users")["handle"]

    assert handles.str.contains("🐱").any()
    assert handles.str.contains("Ｌｕｃｋｙ").any()
    assert handles.str.contains(r"[0-9]").mean() == pytest.approx(0.5, abs=0.05)


def test_official_accounts_are_marked_and_nobody() -> None:
    users, owner = rows_of("community", "users"), person_of("community")

    official = users[users["official"]]

    assert len(official) == 5
    assert all(owner[key] >= N for key in official["id"])
    assert official[["phone", "union_id"]].isna().all(axis=None)


def test_an_answer_follows_the_post_it_answers_and_is_not_to_oneself() -> None:
    posts = rows_of("community", "posts").set_index("id")

    answers = posts.dropna(subset=["parent"])
    answered = posts.loc[answers["parent"]]

    assert (answers["time"].to_numpy() >= answered["time"].to_numpy()).all()
    assert (answers["user"].to_numpy() != answered["user"].to_numpy()).all()
    assert (answers["topic"].to_numpy() == answered["topic"].to_numpy()).all()
    assert len(answers) / len(posts) == pytest.approx(0.6, abs=0.03)


def test_few_people_get_most_of_the_answers() -> None:
    posts = rows_of("community", "posts")
    author = posts.set_index("id")["user"]

    received = posts["parent"].dropna().map(author).value_counts()

    top = received.iloc[: len(author.unique()) // 20].sum() / received.sum()
    assert top > 0.4  # one author in twenty


def test_posts_name_what_is_sold() -> None:
    posts = rows_of("community", "posts")
    opening = posts[posts["parent"].isna()]["text"].head(50)

    names = "|".join(map(re.escape, company().catalogue.names))

    assert opening.str.contains(names).all()


def test_a_thread_is_named_after_its_first_post() -> None:
    # 0 <- 1 <- 2 <- 4, and 3 on its own
    parent = np.array([-1, 0, 1, -1, 2])

    assert _threads(parent).tolist() == [0, 0, 0, 3, 0]


def test_long_threads_are_followed_to_their_start() -> None:
    parent = np.arange(-1, 999)

    assert set(_threads(parent).tolist()) == {0}


def parents_of(author: list[int], topic: list[int], *, pull: list[float]) -> Ints:
    columns = np.array(author), np.array(topic)
    return _parents(*columns, pull=np.array(pull), rng=stream(1, "x"))


def test_answers_go_back_in_time_and_to_somebody_else() -> None:
    author = [0, 1, 2] * 400

    parent = parents_of(author, [0] * 1_200, pull=[1.0, 1.0, 1.0])

    place = np.flatnonzero(parent >= 0)
    assert (parent[place] < place).all()
    assert all(author[a] != author[b] for a, b in zip(place, parent[place], strict=True))
    assert len(place) / 1_200 == pytest.approx(0.6, abs=0.05)


def test_who_is_alone_answers_nobody() -> None:
    assert (parents_of([0] * 50, [0] * 50, pull=[1.0]) == -1).all()


def test_pull_draws_answers() -> None:
    author = [0, 1, 2] * 1_000

    parent = parents_of(author, [0] * 3_000, pull=[1.0, 1.0, 50.0])

    received = np.bincount(np.array(author)[parent[parent >= 0]], minlength=3)
    assert received[2] > 1.2 * received[:2].max()


def test_one_topic_draws_its_own_answers() -> None:
    topic = [0, 0, 1, 1] * 750

    parent = parents_of([0, 1, 2, 3] * 750, topic, pull=[1.0] * 4)

    place = np.flatnonzero(parent >= 0)
    same = np.array(topic)[place] == np.array(topic)[parent[place]]
    assert same.mean() > 0.6  # of three others one shares the topic: 0.33 without preference
