"""Plans of whom to seed: computed for one budget on the graph as it is, and written nowhere.

The same wish on the same graph gives the same plan. What a person costs may be any numeric
property of customers; how a product then spreads follows from what `diffusion` found of it.
"""

import json
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from algorithms.network.models import Model
from algorithms.registry import REGISTRY, Registry, computed_spec
from algorithms.run import Request, compute_all
from algorithms.seeds import ALGORITHM, seeds_by
from algorithms.seeds.settings import COST
from api.facets import consents
from api.leaders import ABOUT, NOBODY
from api.views import Ask, Row, View, maps
from graph.errors import ConfigurationError, NotFoundError
from graph.language import Text
from graph.settings import Settings
from graph.spec import PropertySpec

if TYPE_CHECKING:
    from graph.reader import Reader

Open = Callable[[], "Reader"]

NUMERIC: Final = ("integer", "number", "money")
LISTED: Final = 1_000
"""Seeds that an answer lists; more are counted."""
PRODUCT = """
MATCH (p:Product {product_id: $id})
OPTIONAL MATCH (r:AlgorithmRun {is_current: true, algorithm: 'diffusion'}) WHERE r.kind = 'score'
RETURN p.diffusion_p AS p, p.diffusion_q AS q, p.diffusion_m AS m, r.parameters AS parameters
"""
ALONE: Final = 1e-6
"""Up to this rate nobody buys after others: the least that a fit can give."""


class UnknownCostError(ConfigurationError):
    """What is asked for as cost is no number of customers."""

    text = Text(
        "{cost!r} is no numeric property of customers, so it cannot be their cost. GET "
        "/v1/schema lists the properties.",
        "{cost!r} 不是客户的数值属性，不能作为成本。GET /v1/schema 可列出全部属性。",
    )


class NoDiffusionError(NotFoundError):
    """Nothing is known of how a product spreads."""

    text = Text(
        "Nothing is known of how {product} spreads. Run kith score diffusion; products of few "
        "buyers or without a launch have no estimate.",
        "尚不了解 {product} 的扩散情况。请运行 kith score diffusion；购买人数过少或无上市日的商品"
        "没有估计。",
    )


@dataclass(frozen=True, slots=True)
class Wish:
    """What a plan is wanted for; None and empty stand for the usual.

    Parameters
    ----------
    budget
        What all seeds may cost together; without ``cost`` how many there may be.
    cost
        A numeric property of customers.
    excluded
        Customers not to be seeded.
    product
        A product that seeds get first.
    model, probability, topic, window, seed
        As the parameters of the method.
    """

    budget: float
    cost: str | None = None
    excluded: tuple[str, ...] = ()
    product: str | None = None
    model: Model = "cascade"
    probability: float = 0.0
    topic: str | None = None
    window: int | None = None
    seed: int = 0


def plan(ask: Ask, wish: Wish, *, open_: Open, settings: Settings) -> View:
    """Return a plan: the seeds in order with what each adds, and how far plain lists reach.

    Parameters
    ----------
    ask
        Asks the database.
    wish
        For which budget.
    open_
        Opens a reader of the graph.
    settings
        The home.

    Returns
    -------
    ``as_of``, ``notes``, ``n`` seeds, ``items`` in order, and the figures of the run: ``lists``,
    ``gain_over_degree``, ``curve``, ``steps``, ``adoption``.

    Raises
    ------
    UnknownCostError, NoDiffusionError
        If the cost or the product does not suit.
    ExplodingError, WeightsError
        If the probabilities do not.
    """
    spread = _spread_of(ask, wish.product)
    overrides = {**_given(wish), **spread.appeal}
    request = Request(
        names=(ALGORITHM.name,),
        overrides={ALGORITHM.name: overrides},
        dry_run=True,
        registry=_registry(wish.cost),
    )
    computed = compute_all(open_(), request=request, settings=settings)
    (record,), table = computed.runs, computed.elements["Customer"]
    items = table.sort_by("seeds_order").slice(0, LISTED).to_pylist()
    return {
        "as_of": record.as_of,
        "notes": [str(n) for n in (*record.notes, *spread.notes(record.metrics.get("people")))],
        "n": table.num_rows,
        "items": _items(ask, items, metrics=record.metrics),
        **{name: record.metrics.get(name) for name in FIGURES},
    }


FIGURES: Final = (
    "people",
    "replies",
    "model",
    "probability",
    "budget",
    "spent",
    "chosen_by",
    "lists",
    "gain_over_degree",
    "first_below_noise",
    "certain_share_of_best",
    "curve",
    "steps",
    "adoption",
)


def _registry(cost: str | None) -> Registry:
    """Return the methods, that of seeds with the cost asked for; raises `UnknownCostError`."""
    if cost is None or cost == COST:
        return REGISTRY
    seeds = seeds_by(_numeric(cost))
    return Registry(tuple(seeds if a.name == seeds.name else a for a in REGISTRY))


def _numeric(name: str) -> PropertySpec:
    # a plan must not rest on the plan before it
    known = (p for p in computed_spec().nodes["Customer"].properties if p.owner != ALGORITHM.name)
    found = next((p for p in known if p.name == name and p.kind in NUMERIC), None)
    if found is None:
        raise UnknownCostError(cost=name)
    return found


def _given(wish: Wish) -> dict[str, str]:
    given = {
        "budget": wish.budget,
        "cost": wish.cost,
        "excluded": ",".join(wish.excluded) or None,
        "model": wish.model,
        "probability": wish.probability,
        "topic": wish.topic,
        "window_days": wish.window,
        "seed": wish.seed,
    }
    return {name: str(value) for name, value in given.items() if value is not None}


@dataclass(frozen=True, slots=True)
class _Spread:
    """How a product spreads, as `diffusion` found it; without a product nothing is said."""

    product: str = ""
    p: float = 0.0
    q: float = 0.0
    market: float | None = None
    period_days: int | None = None

    @property
    def appeal(self) -> dict[str, str]:
        """Return p and q as parameters."""
        if not self.product:
            return {}
        return {"innovation": str(min(self.p, 1.0)), "imitation": str(min(self.q, 1.0))}

    def notes(self, people: object) -> Iterator[Text]:
        """Say what a reader of the course has to know of it."""
        if people is None:  # there is no plan, for the reason that stands in the notes
            return
        if self.market is not None:
            days = self.period_days or "?"
            yield Text(
                f"A period is {days} days. The market of {self.product} is put at "
                f"{self.market:,.0f} customers in all; it is played as if each of the {people:,} "
                "people of this network belonged to it.",
                f"每个周期为 {days} 天。{self.product} 的市场总量估计为 {self.market:,.0f} 位客户；"
                f"模拟假定本网络的 {people:,} 人都属于该市场。",
            )
        if self.product and self.q <= ALONE:
            yield Text(
                f"Nothing shows that people buy {self.product} after others (q is 0): seeds bring "
                "themselves and nobody else.",
                f"没有迹象表明人们会跟随他人购买 {self.product}（q 为 0）：种子只带来其自身。",
            )


def _spread_of(ask: Ask, product: str | None) -> _Spread:
    """Return how a product spreads; raises `NoDiffusionError`."""
    if product is None:
        return _Spread()
    rows = [row for row in ask(PRODUCT, {"id": product}) if row["p"] is not None]
    if not rows:
        raise NoDiffusionError(product=product)
    p, q, m = (rows[0].get(name) for name in ("p", "q", "m"))
    known = json.loads(str(rows[0].get("parameters") or "{}"))
    market = None if m is None else float(str(m))
    return _Spread(product, float(str(p)), float(str(q)), market, known.get("period_days"))


def _items(ask: Ask, items: Sequence[Row], *, metrics: Mapping[str, object]) -> list[View]:
    """Show each seed with nickname, reason and what the person agrees to."""
    ids = [str(item["customer_id"]) for item in items]
    about = {str(row["id"]): row for row in ask(ABOUT, {"ids": ids})}
    return [
        _item(item, about.get(str(item["customer_id"]), NOBODY), metrics=metrics) for item in items
    ]


def _item(item: Row, known: Row, *, metrics: Mapping[str, object]) -> View:
    assert ALGORITHM.explain is not None  # so it is declared
    held = {name.removeprefix("seeds_"): value for name, value in item.items()}
    return {
        **held,
        "handle": known["handle"],
        "circle_id": known["circle_id"],
        "explanation": str(ALGORITHM.explain(item, metrics)),
        "consents": consents(maps(known["consents"])),
    }
