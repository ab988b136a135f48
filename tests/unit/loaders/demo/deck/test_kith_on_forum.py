"""kith on the deck's forum, from the manifest on: counts, density, and names that survive."""

from pathlib import Path

import networkx as nx
import numpy as np
import pandas as pd
import pytest

from algorithms.identity.run import resolve_staged
from algorithms.network.betweenness import betweenness
from algorithms.network.digraph import digraph_of
from algorithms.registry import computed_spec
from algorithms.run import Computed, Request, compute_all
from graph.settings import Settings
from graph.staged_reader import StagedReader
from loaders.demo import write
from tests.deck_figures import LEADERS, printed
from tests.loading import Shop


class Company:
    """The loaded forum, and the network of replies that kith finds in it."""

    def __init__(self, folder: Path) -> None:
        shop = Shop(folder)
        write(shop.data, "deck")
        shop.load((shop.data / "company.toml").read_text("utf-8"))
        self.settings: Settings = shop.settings
        known = resolve_staged(self.reader())
        reader = StagedReader(
            shop.settings, computed_spec(), timezone="Asia/Shanghai", computed=known
        )
        request = Request(names=("reply_network",), dry_run=True)
        self.found: Computed = compute_all(reader, request=request, settings=shop.settings)
        accounts = reader.table("accounts", ["customer_id", "handle"]).to_pandas()
        self.names = accounts.set_index(accounts["customer_id"].astype(str))["handle"]
        self.posts: pd.DataFrame = reader.table(
            "posts", ["post_id", "customer_id", "reply_to_post_id"]
        ).to_pandas()

    def reader(self) -> StagedReader:
        return StagedReader(self.settings, computed_spec(), timezone="Asia/Shanghai")

    def active(self) -> set[str]:
        """Return whom kith counts to the active core."""
        rows = self.found.elements["Customer"].to_pandas()
        return {*rows.loc[rows["reply_network_active"].fillna(False), "customer_id"]}

    def arcs(self) -> list[tuple[str, str]]:
        """Return who answers whom in the core, from the posts as they were loaded."""
        author = self.posts.set_index("post_id")["customer_id"].astype(str)
        answered = self.posts.dropna(subset="reply_to_post_id")
        pairs = zip(
            answered["customer_id"].astype(str),
            answered["reply_to_post_id"].map(author),
            strict=True,
        )
        core = self.active()
        return sorted({(by, to) for by, to in pairs if {by, to} <= core and by != to})


@pytest.fixture(scope="module")
def company(tmp_path_factory: pytest.TempPathFactory) -> Company:
    return Company(tmp_path_factory.mktemp("forum"))


def test_the_summary_of_the_core_prints_the_figures_of_the_deck(company: Company) -> None:
    core = company.found.runs[0].metrics["core"]

    assert isinstance(core, dict)
    assert (core["min_posts"], core["n"], core["m"]) == (3, 175, 835)
    assert printed(core["density"], places=4) == "0.0274"
    assert core["density"] == 835 / (175 * 174)


def test_the_whole_network_is_larger_than_the_core(company: Company) -> None:
    network = company.found.runs[0].metrics["network"]

    assert isinstance(network, dict)
    assert network["n"] == 175 + 600
    assert network["m"] > 835


def test_leaders_stand_in_the_printed_order_under_their_own_names(company: Company) -> None:
    network = nx.DiGraph(company.arcs())
    found = nx.betweenness_centrality(network, normalized=False)

    foremost = sorted(found, key=found.__getitem__, reverse=True)[: len(LEADERS)]

    assert [company.names[person] for person in foremost] == list(LEADERS)


def test_the_engine_counts_betweenness_as_networkx_does(company: Company) -> None:
    arcs = company.arcs()
    people = sorted(company.active())
    place = {person: number for number, person in enumerate(people)}

    ours = betweenness(
        digraph_of([place[by] for by, _ in arcs], [place[to] for _, to in arcs], n=len(people))
    )

    theirs = nx.betweenness_centrality(nx.DiGraph(arcs), normalized=False)
    assert ours.tolist() == pytest.approx([theirs.get(person, 0.0) for person in people])
    assert np.sort(ours)[-8:][::-1] == pytest.approx(list(LEADERS.values()), rel=1e-3)
