"""What the demo company sells, where and with which actions: made once, the same at any size.

Only prices, brands and attributes are drawn; a few hundred rows, so plain loops read best here.
Articles stand leaf by leaf, the best seller of each leaf first.
"""

import json
from dataclasses import dataclass
from datetime import date

import numpy as np
import pyarrow as pa

from loaders.demo.draw import Floats, Ints, stream, weighted, zipf
from loaders.demo.profile import FIRST_DAY, LAST_DAY
from loaders.demo.text import dates, keys, pick
from loaders.demo.vocabulary import Department, assortment, shares, table, words

PER_LEAF = 7
N_STORES = 40
_EPOCH = date(1970, 1, 1)


@dataclass(frozen=True)
class Catalogue:
    """Articles with what shopping needs of them, and the tables as exported.

    ``partner`` is the article that a basket with this one tends to hold too, or -1;
    ``appeal`` has a row of leaf weights for men and one for women.
    """

    price: Ints  # hundredths of a yuan
    listed_day: Ints
    partner: Ints
    leaf: Ints
    leaf_names: list[str]
    appeal: Floats
    names: list[str]
    categories: pa.Table
    products: pa.Table

    @property
    def keys(self) -> pa.Array:
        """The product keys, by article number."""
        return self.products["sku"].combine_chunks()

    def first_of(self, leaves: Ints) -> Ints:
        """Return the best seller of each of ``leaves``."""
        return leaves * PER_LEAF


@dataclass(frozen=True)
class Stores:
    """Shops: the city of each, the last day each sells (far away: still open), the table."""

    city: Ints
    last_day: Ints
    region: Ints
    rows: pa.Table


@dataclass(frozen=True)
class Campaigns:
    """Actions: first and last day, per cent off, the table."""

    first_day: Ints
    last_day: Ints
    discount: Ints
    rows: pa.Table

    def discount_on(self, days: Ints) -> Ints:
        """Return the per cent off on each of ``days``; actions do not overlap."""
        at = np.maximum(np.searchsorted(self.first_day, days, side="right") - 1, 0)
        running = (days >= self.first_day[at]) & (days <= self.last_day[at])
        return np.where(running, self.discount[at], 0)


def catalogue_of(seed: int) -> Catalogue:
    """Make the category tree and the articles."""
    rng = stream(seed, "catalogue")
    leaves = _leaves()
    price = np.concatenate([_prices(rng, low=low, high=high) for _, (_, low, high) in leaves])
    names, brands = _names(leaves, rng)
    listed_day = _listed_days(len(names), rng)
    categories, leaf_keys = _category_rows()
    leaf = np.repeat(np.arange(len(leaves)), PER_LEAF)
    products = pa.table(
        {
            "sku": keys("SKU", np.arange(len(names)) + 100_001, width=6),
            "title": names,
            "category_code": pick(leaf_keys, leaf),
            "brand": brands,
            "price": money(price),
            "cost": money(price * rng.integers(45, 75, len(price)) // 100),
            "listed_on": dates(listed_day),
            "attributes": _attributes(leaves, price, rng=rng),
        }
    )
    return Catalogue(
        price=price,
        listed_day=listed_day,
        partner=_partners(leaves),
        leaf=leaf,
        leaf_names=[name for _, (name, _, _) in leaves],
        appeal=_appeal(leaves, rng),
        names=names,
        categories=categories,
        products=products,
    )


def _listed_days(n: int, rng: np.random.Generator) -> Ints:
    """Draw when each article came: one in seven within the two years."""
    before = FIRST_DAY - rng.integers(30, 1500, n)
    listed = np.where(rng.random(n) < 0.15, rng.integers(FIRST_DAY, LAST_DAY, n), before)
    listed[::PER_LEAF] = FIRST_DAY - 2000  # a leaf's best seller has always been there
    return listed


def money(cents: Ints) -> pa.Array:
    """Turn hundredths of a yuan into exact decimals."""
    unscaled = np.stack([cents, cents >> 63], axis=1).astype(np.int64)
    buffers = [None, pa.py_buffer(unscaled.tobytes())]
    return pa.Array.from_buffers(pa.decimal128(18, 2), len(cents), buffers)


Leaf = tuple[Department, tuple[str, int, int]]


def _leaves() -> list[Leaf]:
    return [
        (department, leaf)
        for department in assortment()["department"]
        for group in department["groups"].values()
        for leaf in group
    ]


def _prices(rng: np.random.Generator, *, low: int, high: int) -> Ints:
    """Draw prices between two ends in yuan, ending in .00 or .90 as shops like it."""
    spread = np.sort(rng.random(PER_LEAF)) ** 1.5
    yuan = (low + (high - low) * spread).astype(np.int64)
    return rng.permutation(yuan * 100 + rng.choice([0, 90], PER_LEAF))


def _names(leaves: list[Leaf], rng: np.random.Generator) -> tuple[list[str], list[str]]:
    styles, brands = assortment()["styles"], assortment()["brands"]
    names, owners = [], []
    for _, (leaf, _, _) in leaves:
        for brand, style in zip(
            rng.permutation(brands)[:PER_LEAF], rng.permutation(styles), strict=False
        ):
            names.append(f"{brand}{style}{leaf}")
            owners.append(str(brand))
    return names, owners


def _attributes(leaves: list[Leaf], prices: Ints, *, rng: np.random.Generator) -> list[str]:
    """Write each article's attributes as JSON: those of its department and what all have."""
    origins, ratings = assortment()["origins"], assortment()["ratings"]
    written = []
    for place, price in enumerate(prices.tolist()):
        department, _ = leaves[place // PER_LEAF]
        own = {name: str(rng.choice(among)) for name, among in department["attributes"].items()}
        common = {
            "产地": str(rng.choice(origins)),
            "用户评价": str(rng.choice(ratings)),
            "重量": f"{rng.integers(1, 60) / 10}kg",
            "奢侈品": "是" if price >= 500_000 else "否",
        }
        written.append(json.dumps(own | common, ensure_ascii=False))
    return written


def _appeal(leaves: list[Leaf], rng: np.random.Generator) -> Floats:
    popularity = rng.permutation(zipf(len(leaves), exponent=0.7))
    women, men = (
        np.array([department["appeal"][side] for department, _ in leaves]) for side in (0, 1)
    )
    return np.stack([popularity * men, popularity * women])


def _partners(leaves: list[Leaf]) -> Ints:
    place = {leaf: at for at, (_, (leaf, _, _)) in enumerate(leaves)}
    partner = np.full(len(leaves) * PER_LEAF, -1, dtype=np.int64)
    ranks = np.arange(PER_LEAF)
    for leaf, other in assortment()["pairs"]:
        taken = partner[place[leaf] * PER_LEAF + ranks] >= 0
        # a leaf with two partners gives its odd ranks to the second
        chosen = ranks[1::2] if taken.any() else ranks
        partner[place[leaf] * PER_LEAF + chosen] = place[other] * PER_LEAF + chosen
    return partner


def _category_rows() -> tuple[pa.Table, list[str]]:
    """Return the tree, and the keys of its leaves in order."""
    rows: list[tuple[str, str, str | None]] = []
    leaf_keys: list[str] = []
    for n_department, department in enumerate(assortment()["department"], start=1):
        top = f"C{n_department:02d}"
        rows.append((top, department["name"], None))
        for n_group, (group, leaves) in enumerate(department["groups"].items(), start=1):
            middle = f"{top}{n_group:02d}"
            rows.append((middle, group, top))
            own = [f"{middle}{n:02d}" for n in range(1, len(leaves) + 1)]
            rows += [(key, leaf[0], middle) for key, leaf in zip(own, leaves, strict=True)]
            leaf_keys += own
    code, name, parent = zip(*rows, strict=True)
    return pa.table({"code": code, "name": name, "parent_code": parent}), leaf_keys


def stores_of(seed: int) -> Stores:
    """Make the shops; three of them closed within the two years."""
    rng = stream(seed, "stores")
    cities = table("places", "cities")
    city = np.sort(weighted(rng, shares("places", "cities")[1], n=N_STORES))
    sector = weighted(rng, shares("places", "sectors")[1], n=N_STORES)
    last_day = np.full(N_STORES, LAST_DAY + 1)
    closed = rng.choice(N_STORES, 3, replace=False)
    last_day[closed] = rng.integers(FIRST_DAY + 200, LAST_DAY - 60, 3)
    opened = FIRST_DAY - rng.integers(100, 4000, N_STORES)
    is_closed = last_day <= LAST_DAY
    malls, regions = words("places", "malls"), [str(row[2]) for row in cities]
    rows = pa.table(
        {
            "store_code": keys("S", np.arange(1, N_STORES + 1), width=3),
            "store_name": [
                f"{str(cities[at][0])[:-1]}{malls[n % len(malls)]}店" for n, at in enumerate(city)
            ],
            "region": [regions[at] for at in city],
            "city": [str(cities[at][0]) for at in city],
            "sector": [shares("places", "sectors")[0][at] for at in sector],
            "opened_on": dates(opened),
            "closed_on": dates(last_day, missing=~is_closed),
            "score": np.where(is_closed, 30.0, rng.integers(500, 980, N_STORES) / 10.0),
        }
    )
    number_of = {name: at for at, name in enumerate(dict.fromkeys(regions))}
    return Stores(city, last_day, np.array([number_of[regions[at]] for at in city]), rows)


def campaigns_of() -> Campaigns:
    """Return the actions in the order of their start."""
    actions = assortment()["campaign"]
    start = np.array([(action["start"] - _EPOCH).days for action in actions])
    end = start + np.array([action["days"] for action in actions]) - 1
    rows = pa.table(
        {
            "活动编号": keys("A", np.arange(1, len(actions) + 1), width=3),
            "活动名称": [action["name"] for action in actions],
            "渠道": [action["channel"] for action in actions],
            "开始日期": dates(start).cast(pa.string()),
            "结束日期": dates(end).cast(pa.string()),
            "费用": [str(action["cost"]) for action in actions],
        }
    )
    return Campaigns(start, end, np.array([action["discount"] for action in actions]), rows)
