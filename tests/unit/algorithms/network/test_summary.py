"""A network in a few numbers, by hand and against what is published of real ones."""

from dataclasses import asdict

import networkx as nx
import pytest

from algorithms.network.digraph import digraph_of
from algorithms.network.interchange import network_of
from algorithms.network.pagerank import pagerank
from algorithms.network.summary import Summary, reciprocity, summary
from tests.known_networks import (
    Known,
    alone,
    events,
    network_of_events,
    nobody,
    star,
    unweighted,
)

DAY = 86_400


def test_a_triangle_with_a_tail_and_a_stranger() -> None:
    # 0, 1 and 2 answer in a ring, 1 answers 0 back, 3 answers 0, nobody talks with 4
    digraph = digraph_of([0, 1, 1, 2, 3], [1, 0, 2, 0, 0], n=5)

    expected = Summary(
        n=5,
        m=5,
        density=5 / 20,
        reciprocity=2 / 5,
        weak_components=2,
        largest_weak=4,
        strong_components=3,
        largest_strong=3,
        mean_clustering=(1 / 3 + 1 + 1) / 5,
        transitivity=3 / 5,
    )
    assert asdict(summary(digraph)) == pytest.approx(asdict(expected))


def test_nobody_is_nothing() -> None:
    assert summary(nobody()) == Summary(0, 0, 0.0, 0.0, 0, 0, 0, 0, 0.0, 0.0)


def test_one_person_is_a_component() -> None:
    assert summary(alone()) == Summary(1, 0, 0.0, 0.0, 1, 1, 1, 1, 0.0, 0.0)


def test_two_people_who_answer_each_other_are_dense() -> None:
    two = summary(digraph_of([0, 1], [1, 0], n=2))

    assert (two.density, two.reciprocity, two.largest_strong) == (1.0, 1.0, 2)


def test_a_star_is_answered_and_does_not_answer() -> None:
    found = summary(star(1_000))

    assert (found.m, found.density) == (999, 0.001)
    assert (found.reciprocity, found.largest_weak, found.largest_strong) == (0.0, 1_000, 1)


def test_of_three_arcs_two_are_answered() -> None:
    assert reciprocity(digraph_of([0, 1, 2], [1, 0, 0], n=3)) == pytest.approx(2 / 3)


def test_an_undirected_network_is_all_answered() -> None:
    assert reciprocity(network_of(nx.path_graph(9)).digraph) == 1.0


def test_a_brand_forum_of_175_is_as_dense_as_printed() -> None:
    # the printed figures of a marketing deck: who the arcs join does not matter here
    arcs = [(one, (one + step) % 175) for step in range(1, 6) for one in range(175)][:835]
    digraph = digraph_of([one for one, _ in arcs], [other for _, other in arcs], n=175)

    assert round(summary(digraph).density, 4) == 0.0274


# ------------------------------------------------------------------ real networks


@pytest.fixture(scope="module")
def college() -> Known:
    return network_of_events(events("college_msg/CollegeMsg.txt.gz"))


@pytest.fixture(scope="module")
def institute() -> Known:
    return network_of_events(events("email_eu_core/email-Eu-core-temporal.txt.gz"))


def test_messages_of_a_college_as_published() -> None:
    rows = events("college_msg/CollegeMsg.txt.gz")

    assert len(rows) == 59_835
    assert (rows[:, 2].max() - rows[:, 2].min()) // DAY == 193


def test_the_network_of_a_college_as_published(college: Known) -> None:
    found = summary(college.digraph)

    assert (found.n, found.m) == (1_899, 20_296)
    assert (found.largest_weak, found.largest_strong) == (1_893, 1_294)
    assert found.strong_components == 601
    assert round(found.reciprocity, 4) == 0.6364


def test_the_first_of_a_college_as_published(college: Known) -> None:
    shares = college.top(pagerank(unweighted(college.digraph)), 3)
    answered = college.top(college.digraph.in_degree, 3)

    assert [(name, round(share, 6)) for name, share in shares] == [
        (32, 0.005996),
        (42, 0.005893),
        (638, 0.005386),
    ]
    assert answered == [(32, 137), (42, 120), (638, 119)]


def test_the_network_of_an_institute_as_published(institute: Known) -> None:
    rows = events("email_eu_core/email-Eu-core-temporal.txt.gz")
    found = summary(institute.digraph)

    assert len(rows) == 332_334
    assert (found.n, found.m) == (986, 24_929)
    assert found.largest_strong == 803
    assert (rows[:, 2].max() - rows[:, 2].min()) // DAY == 803


def test_the_first_of_an_institute_as_published(institute: Known) -> None:
    shares = institute.top(pagerank(unweighted(institute.digraph)), 3)
    answered = institute.top(institute.digraph.in_degree, 3)

    assert [(name, round(share, 6)) for name, share in shares] == [
        (90, 0.007524),
        (159, 0.005916),
        (951, 0.005730),
    ]
    assert answered == [(90, 211), (159, 178), (214, 168)]
