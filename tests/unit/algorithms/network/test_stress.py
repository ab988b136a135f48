"""Where people stand in a drawing: as far apart as they should, and where they stood before."""

from itertools import combinations

import networkx as nx
import numpy as np
import pytest

from algorithms.network.digraph import Digraph, Floats, Numbers, digraph_of
from algorithms.network.stress import ACROSS, MOST_STEPS, beginning, distances, drawn


def two_cliques(n: int = 6) -> Digraph:
    arcs = [*combinations(range(n), 2), *combinations(range(n, 2 * n), 2), (0, n)]
    source, target = np.array(arcs).T
    return digraph_of(source, target, n=2 * n).undirected()


def labels_of(*labels: int) -> Numbers:
    return np.array(labels, np.int64)


LABELS = labels_of(*[0] * 6, *[1] * 6)


def gaps(at: Floats) -> Floats:
    return np.asarray(np.sqrt(((at[:, None] - at[None]) ** 2).sum(axis=2)), np.float64)


def stress(at: Floats, apart: Floats) -> float:
    upper = np.triu_indices(len(at), 1)
    return float((((gaps(at) - apart) / np.where(apart > 0, apart, 1)) ** 2)[upper].sum())


def test_a_step_between_circles_is_longer() -> None:
    network = digraph_of([0, 1, 2], [1, 2, 3], n=5).undirected()

    apart = distances(network, labels_of(0, 0, 1, -1, -1))

    assert apart[0].tolist() == [0, 1, 1 + ACROSS, 1 + 2 * ACROSS, 1 + 3 * ACROSS]
    # nobody in no circle is with anybody else in none
    assert apart[3, 4] == apart[4, 3] == 1 + 3 * ACROSS


def test_a_triangle_is_drawn_with_its_own_distances() -> None:
    apart = np.array([[0, 3, 4], [3, 0, 5], [4, 5, 0]], np.float64)

    found = drawn(apart, np.array([[0, 0], [1, 0.1], [0.2, 1]], np.float64))

    assert found.settled
    assert gaps(found.at) == pytest.approx(apart, abs=0.1)


def test_moving_lowers_the_stress() -> None:
    apart, start = distances(two_cliques(), LABELS), beginning(LABELS)

    found = drawn(apart, start)

    assert stress(found.at, apart) < stress(start, apart)


def test_circles_stand_apart() -> None:
    found = drawn(distances(two_cliques(), LABELS), beginning(LABELS))

    together = gaps(found.at)
    assert together[:6, :6].mean() < together[:6, 6:].mean() / 2


def test_a_settled_drawing_is_left_alone_to_the_last_digit() -> None:
    apart = distances(two_cliques(), LABELS)
    first = drawn(apart, beginning(LABELS)).at.round(6)

    again = drawn(apart, first)

    assert again.steps == 0
    assert again.at.tolist() == first.tolist()


def test_a_drawing_that_was_turned_is_found_again_turned() -> None:
    apart = distances(two_cliques(), LABELS)
    first = drawn(apart, beginning(LABELS)).at
    turned = first @ np.array([[0, 1], [-1, 0]]) + 40

    assert drawn(apart, turned).at == pytest.approx(turned)


def test_one_more_reply_moves_nobody_far() -> None:
    before = drawn(distances(two_cliques(), LABELS), beginning(LABELS)).at
    network = two_cliques()
    more = digraph_of(np.append(network.source, [1, 7]), np.append(network.target, [7, 1]), n=12)

    after = drawn(distances(more, LABELS), before).at

    moved = np.sqrt(((after - before) ** 2).sum(axis=1))
    assert moved.max() < gaps(before).mean()


def test_one_person_stands_where_they_stand() -> None:
    found = drawn(np.zeros((1, 1)), np.array([[2.0, 3.0]]))

    assert (found.at.tolist(), found.settled) == ([[2, 3]], True)


def test_two_people_in_one_place_are_not_divided_by_nothing() -> None:
    found = drawn(np.array([[0.0, 1.0], [1.0, 0.0]]), np.zeros((2, 2)))

    assert np.isfinite(found.at).all()


def test_nobody_begins_where_somebody_else_does() -> None:
    start = beginning(labels_of(*[0] * 50, *[1] * 50, *[-1] * 50))

    apart = gaps(start) + np.eye(150)
    assert apart.min() > 0.01


def test_a_drawing_of_many_settles() -> None:
    rng = np.random.default_rng(0)
    source, target = rng.integers(0, 120, (2, 700))
    network = digraph_of(source, target, n=120).undirected()
    labels = rng.integers(0, 6, 120).astype(np.int64)

    found = drawn(distances(network, labels), beginning(labels))

    assert found.settled
    assert found.steps < MOST_STEPS


@pytest.mark.parametrize("seed", range(3))
def test_distances_are_those_of_networkx(seed: int) -> None:
    rng = np.random.default_rng(seed)
    network = digraph_of(*rng.integers(0, 20, (2, 30)), n=20).undirected()
    labels = rng.integers(-1, 3, 20).astype(np.int64)
    plain = nx.Graph()
    plain.add_nodes_from(range(20))
    for a, b in zip(network.source.tolist(), network.target.tolist(), strict=True):
        together = labels[a] == labels[b] and labels[a] >= 0
        plain.add_edge(a, b, weight=1.0 if together else ACROSS)

    apart = distances(network, labels)

    reached = dict(nx.all_pairs_dijkstra_path_length(plain))
    furthest = max(length for lengths in reached.values() for length in lengths.values())
    expected = [[reached[a].get(b, furthest + ACROSS) for b in range(20)] for a in range(20)]
    assert apart.tolist() == expected


def test_people_without_any_reply_stand_one_step_apart() -> None:
    apart = distances(digraph_of([], [], n=3), labels_of(0, 0, -1))

    assert apart.tolist() == [[0, 3, 3], [3, 0, 3], [3, 3, 0]]


def test_nobody_is_drawn_nowhere() -> None:
    found = drawn(np.zeros((0, 0)), np.zeros((0, 2)))

    assert (found.at.shape, found.settled) == ((0, 2), True)


def test_more_steps_never_raise_the_stress(monkeypatch: pytest.MonkeyPatch) -> None:
    apart, start = distances(two_cliques(), LABELS), beginning(LABELS)

    found = [stress(start, apart)]
    for steps in (1, 2, 4, 8):
        monkeypatch.setattr("algorithms.network.stress.MOST_STEPS", steps)
        found.append(stress(drawn(apart, start).at, apart))

    assert found == sorted(found, reverse=True)


def test_a_drawing_whose_steps_are_used_up_says_so(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("algorithms.network.stress.MOST_STEPS", 1)

    found = drawn(distances(two_cliques(), LABELS), beginning(LABELS))

    assert (found.steps, found.settled) == (1, False)


def test_a_drawing_that_is_carried_on_is_one_that_a_general_minimizer_leaves(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    from scipy.optimize import minimize

    # as settled as numbers allow, not as eyes do
    monkeypatch.setattr("algorithms.network.stress.MADE", 1e-9)
    labels = labels_of(*[0] * 4, *[1] * 4)
    apart = distances(two_cliques(4), labels)

    ours = drawn(apart, beginning(labels)).at

    theirs = minimize(lambda flat: stress(flat.reshape(-1, 2), apart), ours.ravel())
    assert stress(ours, apart) == pytest.approx(float(theirs.fun), rel=1e-4)


def test_a_shifted_beginning_shifts_the_drawing() -> None:
    apart, start = distances(two_cliques(), LABELS), beginning(LABELS)

    here, there = drawn(apart, start).at, drawn(apart, start + np.array([100.0, -7.0])).at

    assert there - here == pytest.approx(np.tile([100.0, -7.0], (12, 1)), abs=1e-6)


def test_the_beginning_lies_around_the_middle_whatever_circles_are_called() -> None:
    start = beginning(labels_of(0, 0, 1, 1, -1))

    assert start.mean(axis=0) == pytest.approx([0, 0])
    assert start.tolist() == beginning(labels_of(5, 5, 9, 9, -1)).tolist()
    assert beginning(labels_of(3)).tolist() == [[0, 0]]
