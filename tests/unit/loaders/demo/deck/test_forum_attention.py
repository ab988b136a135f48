"""kith's methods on the posts of the deck's forum alone: the core, and who draws attention."""

from functools import cache

import networkx as nx
import numpy as np
import pandas as pd
import pyarrow as pa
import pytest

from algorithms.contract import Algorithm, Result
from algorithms.influence import ALGORITHM as INFLUENCE
from algorithms.reply_network import ALGORITHM as NETWORK
from loaders.demo.deck.forum import forum_of, nicknames, posts_of
from loaders.demo.profile import CLOSES, DAY
from loaders.demo.text import keys
from tests.deck_figures import LEADERS, printed
from tests.pure import run_on, tables_of, utc

JOINED = np.full(1_200, CLOSES - 500 * DAY)
AS_OF = utc("1970-01-01") + pd.Timedelta(seconds=CLOSES)


@cache
def exported() -> pd.DataFrame:
    """Return the posts as the forum exports them, its members being customers."""
    forum = forum_of(JOINED, seed=7)
    member_no = keys("M", np.arange(len(JOINED)), width=6)
    posts: pd.DataFrame = posts_of(forum, member_no=member_no).to_pandas()
    names = {"post_no": "post_id", "member_no": "customer_id", "answers": "reply_to_post_id"}
    posts = posts.rename(columns=names)
    return posts.assign(posted_at=pd.to_datetime(posts["posted_at"], utc=True))


def handles() -> dict[str, str | None]:
    forum = forum_of(JOINED, seed=7)
    member_no = keys("M", np.arange(len(JOINED)), width=6).to_pylist()
    return dict(
        zip(member_no, nicknames(len(JOINED), forum=forum, seed=7).to_pylist(), strict=True)
    )


def found_by(algorithm: Algorithm, posts: pd.DataFrame, **settings: str) -> Result:
    tables = tables_of(algorithm, {})
    schema = tables["posts"].schema
    columns = posts.reindex(columns=schema.names)
    tables["posts"] = pa.Table.from_pandas(columns, schema=schema, preserve_index=False)
    return run_on(algorithm, tables, settings=settings, as_of=AS_OF)


@cache
def attention() -> Result:
    return found_by(INFLUENCE, exported())


def core(**settings: str) -> dict[str, float]:
    found = found_by(NETWORK, exported(), **settings).metrics["core"]
    assert isinstance(found, dict)
    return found


def arcs_among(active: set[str]) -> "nx.DiGraph[str]":
    """Return who answers whom, counted in plain pandas."""
    posts = exported()
    author = posts.set_index("post_id")["customer_id"]
    answered = posts.dropna(subset="reply_to_post_id")
    pairs = zip(answered["customer_id"], answered["reply_to_post_id"].map(author), strict=True)
    network: nx.DiGraph[str] = nx.DiGraph()
    network.add_nodes_from(active)
    network.add_edges_from((by, to) for by, to in pairs if {by, to} <= active and by != to)
    return network


@pytest.mark.parametrize("least", [0, 1, 3, 6, 12])
def test_the_core_is_that_of_networkx_however_many_posts_it_takes(least: int) -> None:
    n_posts = exported().groupby("customer_id").size()
    network = arcs_among({*n_posts[n_posts > least].index})

    found = core(min_posts=str(least))

    assert (found["n"], found["m"]) == (network.number_of_nodes(), network.number_of_edges())
    assert found["density"] == pytest.approx(nx.density(network))
    assert found["reciprocity"] == pytest.approx(nx.reciprocity(network))
    assert found["transitivity"] == pytest.approx(nx.transitivity(network.to_undirected()))


def test_more_than_three_posts_is_what_the_deck_counts_and_what_holds_unasked() -> None:
    assert core() == core(min_posts="3")
    assert printed(core()["density"], places=4) == "0.0274"


def test_one_post_fewer_lets_people_of_few_posts_in() -> None:
    assert core(min_posts="2")["n"] > core(min_posts="3")["n"] == 175


def test_the_order_of_the_export_changes_nothing() -> None:
    turned = found_by(NETWORK, exported().iloc[::-1])
    straight = found_by(NETWORK, exported())

    assert turned.metrics == straight.metrics
    assert turned.frames["reply_pairs"].equals(straight.frames["reply_pairs"])


def test_foremost_brokers_are_the_printed_leaders_in_their_order() -> None:
    n_posts = exported().groupby("customer_id").size()
    active = {*n_posts[n_posts > 3].index}
    posts = exported()
    author = posts.set_index("post_id")["customer_id"]
    parent = posts["reply_to_post_id"].map(author)
    inside = posts["customer_id"].isin(active) & (parent.isna() | parent.isin(active))

    frame = found_by(INFLUENCE, posts[inside]).frames["Customer"]

    foremost = frame.sort_values("influence_broker_rank").head(len(LEADERS))
    assert [handles()[str(who)] for who in foremost["customer_id"]] == list(LEADERS)
    assert foremost["influence_betweenness"].tolist() == pytest.approx(
        list(LEADERS.values()), rel=1e-3
    )


def test_everybody_who_was_answered_is_ranked_once() -> None:
    frame = attention().frames["Customer"]

    assert sorted(frame["influence_rank"]) == list(range(1, len(frame) + 1))
    assert frame["customer_id"].is_unique
    assert (frame["influence_band"] == "leader").sum() == min(20, -(-len(frame) // 10))


def test_repliers_are_those_of_networkx() -> None:
    network = arcs_among({*exported()["customer_id"]})

    frame = attention().frames["Customer"]

    repliers = {str(who): int(n) for who, n in network.in_degree() if n}
    assert dict(zip(frame["customer_id"], frame["influence_repliers"], strict=True)) == repliers


def test_the_forum_is_large_enough_for_a_list_and_has_no_earlier_one() -> None:
    result = attention()

    assert not any(note.en.startswith("Only") for note in result.notes)
    assert result.metrics["last_list"] is None
    assert result.metrics["pivots"] is None
