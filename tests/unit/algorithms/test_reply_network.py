"""The network of replies: what counts, its figures, its layers, and who is left out."""

import networkx as nx
import pytest

from algorithms.contract import Result
from algorithms.reply_network import ALGORITHM, NoPostsError
from graph.language import Text
from tests.forum_rows import START, people, post, thread
from tests.pure import Rows, result_of, rows_of
from tests.replies_at_hand import public

AS_OF = "2026-03-02"


def gathered(posts: Rows, *names: str, **settings: str) -> Result:
    rows = {"posts": posts, **people(*names)}
    return result_of(ALGORITHM, rows, settings=settings, as_of=AS_OF)


def figures(result: Result, part: str) -> dict[str, float]:
    found = result.metrics[part]
    assert isinstance(found, dict)
    return found


def test_counts_of_a_person_are_theirs() -> None:
    posts = thread(("b", "a", 1), ("c", "a", 2), ("b", "a", 3), ("a", "b", 4))

    frame = gathered(posts, "a", "b", "c").frames["Customer"]

    names = ("posts", "replies_given", "replies_received", "answered", "repliers")
    assert rows_of(frame, "customer_id", *(f"reply_network_{name}" for name in names)) == [
        ("a", 2, 1, 3, 1, 2),
        ("b", 3, 2, 1, 1, 1),
        ("c", 1, 1, 0, 1, 0),
    ]


def test_a_reply_is_to_the_author_of_the_post_or_to_the_account_named() -> None:
    posts = [
        post("p", "a", day=1),
        post("by post", "b", day=2, to="p", reply_to_account_id="a:c"),
        post("by account", "b", day=3, to="nowhere", reply_to_account_id="a:c"),
    ]

    pairs = gathered(posts, "a", "b", "c").frames["reply_pairs"]

    assert rows_of(pairs, "customer_id", "target_id", "n") == [("b", "a", 1), ("b", "c", 1)]


def test_pairs_are_filed_by_kind_and_topic_with_their_times() -> None:
    posts = [
        post("p", "a", day=1, topic="lens"),
        post("1", "b", day=2, to="p", kind="comment"),
        post("2", "b", day=4, to="p", kind="comment"),
        post("3", "b", day=5, to="p", kind="answer", topic="zoom"),
        post("4", "b", day=6, to="p"),
    ]

    pairs = gathered(posts, "a", "b").frames["reply_pairs"]

    assert rows_of(pairs, "kind", "topic", "n") == [
        ("", "lens", 1),
        ("answer", "zoom", 1),
        ("comment", "lens", 2),
    ]
    comment = pairs.iloc[2]
    assert (comment["first_at"] - START).days == 2
    assert (comment["last_at"] - START).days == 4


def test_replies_that_do_not_count_are_counted_by_reason() -> None:
    posts = [
        post("p", "a", day=10),
        post("self", "a", day=11, to="p"),
        post("before", "b", day=5, to="p"),
        post("lost", "b", day=11, to="nowhere"),
        post("brand", "shop", day=11, to="p"),
        post("gone", "x", day=11, to="p"),
        post("good", "c", day=11, to="p"),
    ]
    rows = {
        "posts": posts,
        **people("a", "b", "c", "x", "shop", shop={"is_official": True}, x={"handle": "[deleted]"}),
    }

    result = result_of(ALGORITHM, rows, as_of=AS_OF)

    assert result.metrics["excluded"] == {
        "before_parent": 1,
        "deleted": 1,
        "missing": 1,
        "official": 1,
        "self": 1,
    }
    assert rows_of(result.frames["Customer"], "customer_id", "reply_network_excluded") == [
        ("a", None),
        ("b", None),
        ("c", None),
        ("shop", "official"),
        ("x", "deleted"),
    ]
    assert any("5 of 6 replies do not count" in note.en for note in result.notes)


def test_accounts_of_one_customer_do_not_answer_each_other() -> None:
    rows = people("a", "b")
    rows["accounts"].append({"account_id": "a:second", "customer_id": "a", "handle": "other"})
    posts = [post("p", "a", day=1), post("r", "a", day=2, to="p"), post("s", "b", day=2, to="p")]
    posts[1]["account_id"] = "a:second"

    result = result_of(ALGORITHM, {**rows, "posts": posts}, as_of=AS_OF)

    assert result.metrics["excluded"] == {"self": 1}


@pytest.mark.parametrize(("least", "core"), [(0, ["a", "b", "c"]), (1, ["a", "b"]), (2, ["b"])])
def test_the_core_are_those_with_more_posts_than_stated(least: int, core: list[str]) -> None:
    posts = [
        *thread(("b", "a", 1), ("c", "a", 2), ("b", "a", 3)),
        post("more", "a", day=4),
        post("still more", "b", day=4),
    ]

    result = gathered(posts, "a", "b", "c", min_posts=str(least))

    frame = result.frames["Customer"]
    assert frame["customer_id"][frame["reply_network_active"]].tolist() == core
    assert figures(result, "core")["n"] == len(core)


def test_brands_are_in_no_core_however_much_they_write() -> None:
    rows = people("shop", "a", shop={"is_official": True})
    posts = [post(f"p{i}", who, day=i) for i in range(5) for who in ("shop", "a")]
    posts = [{**row, "post_id": f"{row['post_id']}{row['customer_id']}"} for row in posts]

    result = result_of(ALGORITHM, {**rows, "posts": posts}, as_of=AS_OF)

    assert figures(result, "core")["n"] == 1


def test_figures_are_those_of_networkx() -> None:
    arcs = [("b", "a"), ("a", "b"), ("c", "a"), ("d", "a"), ("d", "c"), ("f", "e")]
    network = nx.DiGraph(arcs)
    plain = network.to_undirected()

    result = gathered(thread(*((s, t, 9.0) for s, t in arcs)), *"abcdef")

    found = figures(result, "network")
    assert found["density"] == pytest.approx(nx.density(network))
    assert found["reciprocity"] == pytest.approx(nx.reciprocity(network))
    assert found["weak_components"] == nx.number_weakly_connected_components(network)
    assert found["strong_components"] == nx.number_strongly_connected_components(network)
    assert found["mean_clustering"] == pytest.approx(nx.average_clustering(plain))
    assert found["transitivity"] == pytest.approx(nx.transitivity(plain))


def test_each_layer_has_figures_of_its_own_people() -> None:
    posts = [
        post("p", "a", day=1),
        post("1", "b", day=2, to="p", kind="answer"),
        post("2", "c", day=2, to="p", kind="comment"),
        post("3", "d", day=2, to="p", kind="comment"),
    ]

    layers = gathered(posts, *"abcd").metrics["layers"]

    assert isinstance(layers, dict)
    by_kind = layers["kind"]["largest"]
    assert list(by_kind) == ["comment", "answer"]
    assert [(of["n"], of["m"]) for of in by_kind.values()] == [(3, 2), (2, 1)]


def test_the_window_ends_at_the_instant_and_begins_before_it() -> None:
    posts = thread(("b", "a", 1), ("c", "a", 59))

    frame = gathered(posts, "a", "b", "c", window_days="10").frames["Customer"]

    assert frame["customer_id"].tolist() == ["a", "c"]


def test_a_company_without_posts_has_no_network() -> None:
    with pytest.raises(NoPostsError, match="365 days"):
        gathered([], "a")


def test_posts_without_replies_are_a_network_of_nobody() -> None:
    result = gathered([post("p", "a", day=1)], "a")

    assert figures(result, "network")["n"] == 0
    assert result.frames["reply_pairs"].empty


@pytest.mark.parametrize("excluded", [None, "official"])
def test_an_explanation_tells_what_somebody_wrote_or_why_it_does_not_count(
    excluded: str | None,
) -> None:
    names = ("posts", "answered", "replies_given", "replies_received", "repliers")
    known = {f"reply_network_{name}": 7 for name in names}

    assert ALGORITHM.explain is not None
    said = ALGORITHM.explain({**known, "reply_network_excluded": excluded}, {})

    assert isinstance(said, Text)
    assert ("not in the network" in said.en) == (excluded is not None)
    assert "7" in said.zh


@pytest.mark.parametrize(
    ("name", "n", "m", "strong"),
    [
        ("college_msg/CollegeMsg.txt.gz", 1_899, 20_296, 601),
        ("email_eu_core/email-Eu-core-temporal.txt.gz", 986, 24_929, None),
    ],
)
def test_published_counts_of_public_networks(name: str, n: int, m: int, strong: int | None) -> None:
    from algorithms.network.summary import summary

    found = summary(public(name).arcs(1e6, days=2e6).network())

    assert (found.n, found.m) == (n, m)
    assert strong is None or found.strong_components == strong
