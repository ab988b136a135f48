"""The truth of a written company, against its own files read by nothing of ours but a manifest."""

from itertools import combinations
from pathlib import Path

import networkx as nx
import pandas as pd
import pyarrow.parquet as pq
import pytest

from loaders.demo import write
from loaders.demo.identity import DEFAULT, PRESETS
from loaders.demo.vocabulary import words
from tests.demo_reader import Reader
from tests.identity_company import SOURCES, Made, made, pairs

N = 2_500
Cell = tuple[str, str, str]


class World:
    """A written company: its truth, and the links of its identifiers."""

    def __init__(self, folder: Path, *, n: int = N, preset: str = "default") -> None:
        self.report = write(folder, "identity", customers=n, seed=3, preset=preset)
        self.reader = Reader(folder, self.report)
        truth = pq.read_table(folder / "truth/accounts.parquet").to_pandas()
        self.truth = truth.set_index("account_id")
        self.links = pd.concat(self._tables(), ignore_index=True)

    def _tables(self) -> list[pd.DataFrame]:
        parts = []
        for source, rows in self.reader.tables("identifiers"):
            value = "md5:" + rows["value_md5"] if "value_md5" in rows else rows["value"]
            app = rows.get("app", "")
            account = f"{source}:" + rows["account_key"]
            parts.append(
                pd.DataFrame({"account": account, "kind": rows["kind"], "app": app, "value": value})
            )
        return parts

    def clear(self) -> pd.DataFrame:
        """Return the links with every digest of a value that is also known in the clear."""
        import hashlib

        clear = self.links["value"][~self.links["value"].str.startswith("md5:")].unique()
        digests = {
            "md5:" + hashlib.md5(v.encode(), usedforsecurity=False).hexdigest(): v for v in clear
        }
        known = self.links["value"].map(digests).fillna(self.links["value"])
        return self.links.assign(value=known)


@pytest.fixture(scope="module")
def world(tmp_path_factory: pytest.TempPathFactory) -> World:
    return World(tmp_path_factory.mktemp("identity"))


def listed(world: World) -> set[str]:
    """Return the values that are nobody's: defaults, shops' phones."""
    from tests.identity_company import store_phones

    stores = store_phones(Made(DEFAULT, N, seed=3))
    pools = ("default_phones", "placeholder_mails", "default_devices")
    assert len(world.truth) > N
    return stores.union(*(words("machines", pool) for pool in pools))


# ---------------------------------------------------------------- every account, once


def test_the_truth_names_every_account_of_the_files_once(world: World) -> None:
    found = {
        f"{source}:{key}"
        for source, rows in world.reader.tables("accounts")
        for key in rows["account_key"]
    }

    assert world.truth.index.is_unique
    assert found == set(world.truth.index)
    assert len(found) == world.report.tables["accounts"]


def test_the_truth_has_person_household_and_oracle_and_no_gap(world: World) -> None:
    assert list(world.truth.columns) == ["person", "household", "oracle"]
    assert world.truth.notna().all(axis=None)
    assert world.truth["person"].str.fullmatch(r"P\d{8}").all()
    assert world.truth["household"].str.fullmatch(r"H\d{8}").all()
    assert world.truth["oracle"].str.fullmatch(r"O\d{8}").all()


def test_every_system_and_nearly_every_person_is_in_the_truth(world: World) -> None:
    sources = world.truth.index.str.split(":").str[0]

    assert set(sources) == set(SOURCES)
    # everybody has a cookie
    assert world.truth["person"].nunique() == N


def test_no_manifest_names_the_truth(world: World) -> None:
    assert "truth" not in (world.reader.folder / "company.toml").read_text("utf-8")


def test_identifiers_and_orders_name_only_accounts_of_the_truth(world: World) -> None:
    for table in ("identifiers", "orders"):
        for source, rows in world.reader.tables(table):
            assert set(f"{source}:" + rows["account_key"]) <= set(world.truth.index)


# ---------------------------------------------------------------- the oracle


def test_the_oracle_is_what_networkx_links_when_identifiers_are_split_by_person(
    world: World,
) -> None:
    network: nx.Graph[object] = nx.Graph()
    network.add_nodes_from(world.truth.index)
    links = world.clear()
    nobodys = listed(world)
    person = world.truth["person"]
    for account, kind, app, value in links.itertuples(index=False):
        if value not in nobodys:
            network.add_edge(account, ("split", kind, app, value, person[account]))

    expected = {
        frozenset(node for node in component if isinstance(node, str))
        for component in nx.connected_components(network)
    }

    found = world.truth.groupby("oracle").groups.values()
    assert {frozenset(group) for group in found} == expected


def test_an_oracle_never_joins_two_people(world: World) -> None:
    assert world.truth.groupby("oracle")["person"].nunique().max() == 1


def test_what_is_linked_by_the_oracle_shares_an_identifier_step_by_step(world: World) -> None:
    links = world.clear()
    values = links.groupby("account")["value"].agg(set)
    groups = world.truth.groupby("oracle").groups.values()
    couples = [group for group in groups if len(group) == 2]

    # a component of two needs an identifier of both
    assert len(couples) > 300
    assert all(values[one] & values[other] for one, other in couples)


def test_identifiers_alone_link_less_than_half_of_the_true_pairs() -> None:
    truth = made().truth
    scalpers = [f"P{number:08d}" for number in made().world.scalpers.tolist()]
    ordinary = truth[~truth["person"].isin(scalpers)]

    share, ordinarily = (
        pairs(rows["oracle"]) / pairs(rows["person"]) for rows in (truth, ordinary)
    )

    # ten scalpers, of very different sizes, bring a third of all pairs
    assert 0.3 < share < 0.6
    assert 0.25 < ordinarily < 0.35


def test_nearly_all_accounts_of_a_scalper_can_be_linked() -> None:
    truth = made().truth
    for number in made().world.scalpers.tolist():
        accounts = truth[(truth["person"] == f"P{number:08d}")]
        accounts = accounts[accounts["account_id"].str.startswith("shop:")]
        assert accounts["oracle"].value_counts().iloc[0] >= 0.9 * len(accounts)


# ---------------------------------------------------------------- the shape of the mix


def test_a_customer_has_about_five_records_and_eight_identifiers_on_them() -> None:
    counts = {
        name: sum(export.counts.get(name, 0) for export in made().exports.values())
        for name in ("accounts", "identifiers")
    }

    assert counts["accounts"] / 20_000 == pytest.approx(5.05, abs=0.15)
    assert counts["identifiers"] / 20_000 == pytest.approx(7.8, abs=0.3)


def test_the_report_counts_pairs_of_account_and_identifier(world: World) -> None:
    assert not world.links.duplicated().any()
    assert len(world.links) == world.report.tables["identifiers"]


def most_persons(world: World) -> set[str]:
    """Return the persons of the component that most persons are in, all identifiers linking."""
    network: nx.Graph[object] = nx.Graph()
    network.add_nodes_from(world.truth.index)
    for account, kind, app, value in world.clear().itertuples(index=False):
        network.add_edge(account, ("whole", kind, app, value))
    person = world.truth["person"]
    components = nx.connected_components(network)
    return max(({person[n] for n in c if isinstance(n, str)} for c in components), key=len)


def test_under_stress_plain_components_collapse(world: World, tmp_path: Path) -> None:
    hard = World(tmp_path, n=10_000, preset="stress")

    collapsed = most_persons(hard)

    # strangers by the hundred in one component, the more the larger the company
    assert len(collapsed) > 200
    homes = hard.truth[hard.truth["person"].isin(collapsed)]["household"]
    assert homes.nunique() > 100
    assert len(collapsed) > 5 * len(most_persons(world))


def test_harder_presets_tie_more_strangers_together() -> None:
    def strangers(name: str) -> float:
        company = Made(PRESETS[name], 6_000, seed=5)
        cards = company.rows("till", "cards").dropna(subset=["phone"])
        homes = cards.groupby("phone")["household"].nunique()
        return float(homes[homes > 1].sum() / len(cards))

    mild, default, stress = (strangers(name) for name in ("mild", "default", "stress"))

    assert mild < default < stress


def test_people_of_a_home_share_identifiers_and_strangers_rarely_do(world: World) -> None:
    links = world.clear()
    nobodys = listed(world)
    own = links[~links["value"].isin(nobodys)]
    merged = own.assign(
        person=world.truth.loc[own["account"], "person"].to_numpy(),
        household=world.truth.loc[own["account"], "household"].to_numpy(),
    )
    at_home = strange = 0
    for _, group in merged.groupby(["kind", "app", "value"]):
        home = dict(zip(group["person"], group["household"], strict=True))
        for one, other in combinations(home, 2):
            at_home += home[one] == home[other]
            strange += home[one] != home[other]

    assert at_home > 300
    # recycled numbers and wrong digits that hit
    assert 0 < strange < 0.2 * at_home
