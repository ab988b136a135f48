"""The engine behind networkx: the same answers, refusals in time, and networkx's own tests."""

import os
import re
import subprocess
import sys
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Final

import networkx as nx
import pytest

from algorithms.network.backend import ANSWERS, BACKEND, Backend
from algorithms.network.interchange import graph_of, network_of
from tests.known_networks import arcs_of

ROOT: Final = Path(__file__).resolve().parents[4]
ENTRY_POINT: Final = "[networkx.backends]\nkith = algorithms.network.backend:BACKEND\n"
METADATA: Final = "Metadata-Version: 2.1\nName: kith-backend\nVersion: 0\n"
OURS: Final = (
    "link_analysis",
    "tests.test_core",
    "tests.test_cluster",
    "components",
    "centrality.tests.test_betweenness_centrality",
)
AROUND: Final = ("centrality", "community")


def friends() -> nx.Graph:
    return nx.Graph([("a", "b"), ("b", "c"), ("c", "a"), ("c", "d")])


def follows() -> nx.DiGraph:
    network = nx.DiGraph()
    network.add_weighted_edges_from([("a", "b", 3.0), ("b", "c", 1.0), ("c", "a", 2.0)])
    network.add_edge("a", "c")
    return network


# ------------------------------------------------------------------ conversion


def test_a_graph_keeps_the_order_of_its_nodes() -> None:
    network = network_of(follows())

    assert list(network) == ["a", "b", "c"]
    assert arcs_of(network.digraph) == [(0, 1, 1.0), (0, 2, 1.0), (1, 2, 1.0), (2, 0, 1.0)]
    assert (network.is_directed(), network.is_multigraph(), len(network)) == (True, False, 3)


def test_a_missing_weight_is_the_default() -> None:
    network = network_of(follows(), weight="weight", default=0.5)

    assert arcs_of(network.digraph) == [(0, 1, 3.0), (0, 2, 0.5), (1, 2, 1.0), (2, 0, 2.0)]


def test_an_edge_is_an_arc_each_way() -> None:
    assert arcs_of(network_of(nx.path_graph(3)).digraph) == [
        (0, 1, 1.0),
        (1, 0, 1.0),
        (1, 2, 1.0),
        (2, 1, 1.0),
    ]


@pytest.mark.parametrize("graph", [friends(), follows(), nx.empty_graph(3), nx.DiGraph()])
def test_there_and_back_it_is_the_same_graph(graph: nx.Graph) -> None:
    back = graph_of(network_of(graph, weight="weight"))

    assert list(back) == list(graph)
    assert back.is_directed() is graph.is_directed()
    assert {*back.edges(data="weight")} == {*graph.edges(data="weight", default=1)}


@pytest.mark.parametrize(
    ("graph", "problem"),
    [
        (nx.MultiGraph([(0, 1), (0, 1)]), "parallel edges"),
        (nx.Graph([(0, 0)]), "loops"),
        (nx.Graph([(0, 1, {"weight": -1})]), "negative"),
        (nx.Graph([(0, 1, {"weight": float("nan")})]), "not finite"),
    ],
)
def test_what_the_engine_does_not_know_is_refused(graph: nx.Graph, problem: str) -> None:
    with pytest.raises(NotImplementedError, match=problem):
        network_of(graph, weight="weight")


def test_networkx_hands_over_the_attribute_that_it_wants() -> None:
    graph = nx.Graph([(0, 1, {"weight": 2.0, "n": 5.0})])

    asked = [None, {"n": 1.0}, {"missing": 7.0}]
    networks = [Backend.convert_from_nx(graph, edge_attrs=one, name="pagerank") for one in asked]

    assert [network.digraph.weight.tolist() for network in networks] == [[1, 1], [5, 5], [7, 7]]


def test_only_networks_are_converted_back() -> None:
    found = Backend.convert_to_nx(network_of(friends()))

    assert isinstance(found, nx.Graph)
    assert Backend.convert_to_nx({"a": 1.0}, name="pagerank") == {"a": 1.0}


# ------------------------------------------------------------------ answers


def answer(name: str, graph: nx.Graph, **asked: object) -> object:
    weighted = {"weight": 1.0} if name in {"pagerank", "hits"} else None
    network = BACKEND.convert_from_nx(graph, edge_attrs=weighted)
    assert BACKEND.can_run(name, [network], asked) is True
    return getattr(BACKEND, name)(network, **asked)


@pytest.mark.parametrize("graph", [friends(), follows()])
def test_pagerank_is_that_of_networkx(graph: nx.Graph) -> None:
    asked = {"alpha": 0.7, "tol": 1e-13, "max_iter": 500, "personalization": {"a": 1, "c": 3}}

    assert answer("pagerank", graph, **asked) == pytest.approx(nx.pagerank(graph, **asked))


def test_hits_are_those_of_networkx() -> None:
    ours, theirs = answer("hits", follows(), tol=1e-12), nx.hits(follows(), tol=1e-12)

    assert isinstance(ours, tuple)
    assert ours[0] == pytest.approx(theirs[0], abs=1e-9)
    assert ours[1] == pytest.approx(theirs[1], abs=1e-9)


@pytest.mark.parametrize("name", ["core_number", "clustering", "betweenness_centrality"])
def test_measures_of_nodes_are_those_of_networkx(name: str) -> None:
    graph = nx.les_miserables_graph()

    assert answer(name, graph) == pytest.approx(getattr(nx, name)(graph), abs=1e-12)


@pytest.mark.parametrize("normalized", [False, True])
@pytest.mark.parametrize("graph", [friends(), follows()])
def test_betweenness_is_scaled_as_networkx_does(graph: nx.Graph, *, normalized: bool) -> None:
    expected = nx.betweenness_centrality(graph, normalized=normalized)

    assert answer("betweenness_centrality", graph, normalized=normalized) == expected


def test_clustering_of_some_is_asked_for_as_in_networkx() -> None:
    assert answer("clustering", friends(), nodes="a") == 1.0
    assert answer("clustering", friends(), nodes=["a", "d", "nobody"]) == {"a": 1.0, "d": 0.0}


def test_transitivity_is_that_of_networkx() -> None:
    assert answer("transitivity", friends()) == nx.transitivity(friends())


def test_components_come_with_the_largest_first() -> None:
    graph = nx.DiGraph([("a", "b"), ("c", "d"), ("d", "e"), ("e", "c")])

    weak, strong = (answer(f"{way}_connected_components", graph) for way in ("weakly", "strongly"))
    none = answer("connected_components", nx.Graph())

    assert isinstance(weak, Iterator)
    assert isinstance(strong, Iterator)
    assert isinstance(none, Iterator)
    assert [*weak] == [{*"cde"}, {*"ab"}]
    assert next(strong) == {*"cde"}
    assert [*none] == []


# ------------------------------------------------------------------ refusals


@pytest.mark.parametrize(
    ("name", "asked", "reason"),
    [
        ("pagerank", {"nstart": {"a": 1}, "dangling": {"a": 1}}, "dangling, nstart"),
        ("hits", {"normalized": False}, "normalized"),
        ("clustering", {"weight": "weight"}, "weight"),
        ("betweenness_centrality", {"k": 2}, "k"),
        ("betweenness_centrality", {"endpoints": True, "weight": "n"}, "endpoints, weight"),
    ],
)
def test_parameters_beyond_the_engine_are_named(
    name: str, asked: dict[str, object], reason: str
) -> None:
    assert BACKEND.can_run(name, [friends()], asked) == reason


def test_what_makes_no_difference_is_not_refused() -> None:
    assert BACKEND.can_run("pagerank", [friends()], {"weight": "n"}) is True
    assert BACKEND.can_run("betweenness_centrality", [friends()], {"seed": 5}) is True


@pytest.mark.parametrize("name", ["core_number", "clustering", "transitivity"])
def test_what_networkx_defines_differently_is_left_to_it(name: str) -> None:
    assert BACKEND.can_run(name, [friends()], {}) is True
    assert "means something else" in str(BACKEND.can_run(name, [follows()], {}))


def test_functions_that_are_not_there_are_no_attributes() -> None:
    assert not hasattr(BACKEND, "triangles")
    assert all(hasattr(BACKEND, name) for name in ANSWERS)


@pytest.mark.parametrize("name", ["pagerank", "hits"])
def test_too_few_steps_fail_as_in_networkx(name: str) -> None:
    for steps in (0, 1):
        with pytest.raises(nx.PowerIterationFailedConvergence):
            answer(name, nx.path_graph(50), max_iter=steps)


def test_a_personalization_of_nothing_fails_as_in_networkx() -> None:
    with pytest.raises(ZeroDivisionError):
        answer("pagerank", friends(), personalization={"a": 0})


def test_what_the_engine_cannot_compute_is_left_to_networkx() -> None:
    with pytest.raises(NotImplementedError, match="teleport"):
        answer("pagerank", friends(), personalization={"a": -1, "b": 3})


# ------------------------------------------------------------------ networkx's own tests


@pytest.fixture(scope="module")
def registered(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return a folder that registers the backend for who has it on the path."""
    folder = tmp_path_factory.mktemp("registered")
    described = folder / "kith_backend-0.dist-info"
    described.mkdir()
    (described / "METADATA").write_text(METADATA)
    (described / "entry_points.txt").write_text(ENTRY_POINT)
    return folder


def _suite(registered: Path, modules: Sequence[str], **environment: str) -> dict[str, int]:
    """Run tests of networkx against the backend; return how many ended how."""
    tests = [f"networkx.algorithms.{module}" for module in modules]
    done = subprocess.run(
        [sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider", "--pyargs", *tests],
        cwd=registered,
        env={
            **os.environ,
            "PYTHONPATH": f"{registered}{os.pathsep}{ROOT}",
            "NETWORKX_TEST_BACKEND": "kith",
            **environment,
        },
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stdout[-4_000:]
    return {word: int(n) for n, word in re.findall(r"(\d+) (\w+)", done.stdout.splitlines()[-1])}


@pytest.mark.slow
def test_the_tests_of_networkx_pass_on_the_engine(registered: Path) -> None:
    ended = _suite(registered, [*OURS, *AROUND], NETWORKX_FALLBACK_TO_NX="1")

    assert ended["passed"] >= 600
    assert "failed" not in ended
    assert "xfailed" not in ended


@pytest.mark.slow
def test_tests_pass_with_nothing_to_fall_back_on(registered: Path) -> None:
    ended = _suite(registered, OURS)

    # the others also ask for what the engine does not have, generators above all
    assert ended["passed"] >= 40
    assert "failed" not in ended


@pytest.mark.slow
def test_networkx_calls_the_engine_by_its_name(registered: Path) -> None:
    program = (
        "import networkx as nx; graph = nx.karate_club_graph(); "
        "print(nx.pagerank(graph, weight=None, backend='kith')[33]); "
        "from algorithms.network.interchange import network_of; "
        "print(nx.core_number(network_of(graph))[0])"
    )

    done = subprocess.run(
        [sys.executable, "-c", program],
        env={**os.environ, "PYTHONPATH": f"{registered}{os.pathsep}{ROOT}"},
        capture_output=True,
        text=True,
        check=True,
    )

    share, core = done.stdout.split()
    assert float(share) == pytest.approx(0.1009, abs=5e-5)
    assert int(core) == 4
