"""PageRank by hand, against published figures, and where networks are odd."""

import numpy as np
import pytest

from algorithms.network.digraph import digraph_of
from algorithms.network.pagerank import pagerank
from tests.known_networks import (
    LDBC_DIRECTED,
    LDBC_FIFTY,
    LDBC_UNDIRECTED,
    PAGES,
    Known,
    alone,
    ldbc,
    near,
    nobody,
    star,
    written,
)


def test_two_who_answer_each_other_share_alike() -> None:
    assert pagerank(digraph_of([0, 1], [1, 0], n=2)).tolist() == [0.5, 0.5]


def test_who_is_answered_by_one_who_is_answered_by_nobody() -> None:
    # x0 = 0.15 / 2 + 0.85 x1 / 2 and x1 = x0 + 0.85 x0 with x0 + x1 = 1: x0 = 1 / 2.85
    shares = pagerank(digraph_of([0], [1], n=2), tolerance=1e-14)

    assert shares == near([1 / 2.85, 1.85 / 2.85], within=1e-13)


def test_time_is_shared_in_proportion_to_weights() -> None:
    # from 0 three quarters go to 1; both come back
    digraph = digraph_of([0, 0, 1, 2], [1, 2, 0, 0], n=3, weight=[3, 1, 1, 1])

    shares = pagerank(digraph, tolerance=1e-14)

    x0 = 0.9 / 1.85  # it is 0.05 and 0.85 of all the others have
    assert shares == near([x0, 0.05 + 0.85 * x0 * 3 / 4, 0.05 + 0.85 * x0 * 1 / 4], within=1e-13)


def test_only_proportions_of_weights_matter() -> None:
    ends = [0, 0, 1, 2, 3], [1, 2, 0, 3, 0]
    once = digraph_of(*ends, n=4, weight=[1, 2, 3, 4, 5])
    doubled = digraph_of(*ends, n=4, weight=[2, 4, 6, 8, 10])

    assert pagerank(once).tolist() == pagerank(doubled).tolist()


def test_an_arc_that_weighs_nothing_leads_nowhere() -> None:
    nothing = digraph_of([0], [1], n=2, weight=[0.0])

    assert pagerank(nothing).tolist() == [0.5, 0.5]


def test_from_who_answers_nobody_it_goes_on_by_teleport() -> None:
    teleport = np.array([3.0, 1.0, 0.0])

    shares = pagerank(digraph_of([], [], n=3), teleport=teleport)

    assert shares == near([0.75, 0.25, 0.0], within=1e-15)


def test_trust_reaches_only_whom_the_trusted_answer() -> None:
    # 0 and 1 are trusted; 2 is answered by 1; 3 and 4 answer each other
    digraph = digraph_of([0, 1, 3, 4], [1, 2, 4, 3], n=5)

    shares = pagerank(digraph, teleport=np.array([1.0, 1.0, 0, 0, 0]))

    assert (shares[:3] > 0).all()
    assert shares[3:].tolist() == [0.0, 0.0]


def test_without_damping_only_teleport_counts() -> None:
    assert pagerank(star(4), damping=0.0).tolist() == [0.25] * 4


def test_nobody_has_no_share_and_one_person_all() -> None:
    assert pagerank(nobody()).tolist() == []
    assert pagerank(alone()).tolist() == [1.0]


def test_a_hundred_thousand_who_answer_one() -> None:
    n = 100_000

    shares = pagerank(star(n))

    # a person's share is x, the star's x + 0.85 (n - 1) x, and they add up to 1
    x = 1 / (n + 0.85 * (n - 1))
    assert shares[0] == pytest.approx(x + 0.85 * (n - 1) * x, abs=1e-9)
    assert shares[1:] == near([x] * (n - 1), within=1e-12)
    assert shares.sum() == pytest.approx(1, abs=1e-12)


def test_more_exactly_asked_the_shares_are_more_exact() -> None:
    digraph = ldbc(LDBC_FIFTY).digraph
    exact = pagerank(digraph, tolerance=1e-15)

    errors = [np.abs(pagerank(digraph, tolerance=t) - exact).sum() for t in (1e-2, 1e-5, 1e-9)]

    assert errors == sorted(errors, reverse=True)
    assert errors[-1] < 1e-8


def test_a_tolerance_below_what_numbers_hold_still_ends() -> None:
    assert pagerank(ldbc(LDBC_FIFTY).digraph, tolerance=1e-300).sum() == pytest.approx(1)


@pytest.mark.parametrize("damping", [1.0, 1.5, -0.1])
def test_steps_that_would_not_end_are_refused(damping: float) -> None:
    with pytest.raises(ValueError, match="damping"):
        pagerank(star(3), damping=damping)


@pytest.mark.parametrize("teleport", [[0.0, 0.0], [1.0, -1.0], [float("nan"), 1.0]])
def test_a_teleport_that_leads_nowhere_is_refused(teleport: list[float]) -> None:
    with pytest.raises(ValueError, match="teleport"):
        pagerank(digraph_of([0], [1], n=2), teleport=np.array(teleport))


# ------------------------------------------------------------------ published figures


def test_two_steps_on_the_directed_example_of_graphalytics() -> None:
    shares = pagerank(ldbc(LDBC_DIRECTED).digraph, iterations=2)

    assert shares == near(
        [
            1.477629166666667e-01,
            4.753375000000000e-02,
            1.550469444444444e-01,
            1.597573611111111e-01,
            1.462400000000000e-01,
            4.753375000000000e-02,
            4.753375000000000e-02,
            1.135740277777778e-01,
            4.753375000000000e-02,
            8.748375000000001e-02,
        ],
        within=1e-15,
    )


def test_two_steps_on_the_undirected_example_of_graphalytics() -> None:
    shares = pagerank(ldbc(LDBC_UNDIRECTED).digraph, iterations=2)

    assert shares == near(
        [
            9.084490740740739e-02,
            1.424089506172839e-01,
            9.084490740740739e-02,
            1.249891975308642e-01,
            1.686172839506173e-01,
            9.749537037037037e-02,
            1.249891975308642e-01,
            9.749537037037037e-02,
            6.231481481481481e-02,
        ],
        within=1e-15,
    )


def test_twenty_six_steps_on_the_fifty_of_graphalytics() -> None:
    fifty = ldbc(LDBC_FIFTY)

    shares = fifty.by_name(pagerank(fifty.digraph, iterations=26))

    published = {
        1: 0.01230514588446495,
        8: 0.03400137250799818,
        15: 0.03672808695956838,
        16: 0.01771992643552917,
        23: 0.00882485667115226,
        31: 0.03431971273393954,
        32: 0.03497314211893426,
        42: 0.01357868803688285,
        47: 0.03719089314603851,
        50: 0.02454782687642342,
    }
    assert {name: shares[name] for name in published} == pytest.approx(published, abs=1e-11)


def _as_gds(pages: Known, *, iterations: int) -> dict[object, float]:
    """Return what a series gives that begins at nothing and is not divided by the people.

    What is left out is what a reader who never teleports would have done by then.
    """
    found = pagerank(pages.digraph, iterations=iterations)
    left_out = pagerank(pages.digraph, damping=1.0, iterations=iterations)
    return dict(pages.by_name(pages.digraph.n * (found - 0.85**iterations * left_out)))


def test_the_eight_pages_of_the_gds_manual() -> None:
    shares = _as_gds(written(PAGES), iterations=20)

    assert shares["Home"] == pytest.approx(3.215681999884452, abs=1e-12)
    for page in ("About", "Links", "Product"):
        assert shares[page] == pytest.approx(1.0542700552146722, abs=1e-12)
    for page in ("A", "B", "C", "D"):
        assert shares[page] == pytest.approx(0.3278578964488539, abs=1e-12)


def test_the_eight_pages_of_the_gds_manual_weighted() -> None:
    shares = _as_gds(written(PAGES, weighted=True), iterations=20)

    assert shares["Home"] == pytest.approx(3.53751028396339, abs=1e-12)
    assert shares["Product"] == pytest.approx(1.9357838291651097, abs=1e-12)
    assert shares["About"] == pytest.approx(0.7452612763883698, abs=1e-12)
    assert shares["A"] == pytest.approx(0.18152677135466103, abs=1e-12)
