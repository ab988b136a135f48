"""Plans of whom to seed."""

from datetime import datetime
from typing import Annotated

from pydantic import BaseModel, ConfigDict, Field, JsonValue, StringConstraints

from algorithms.network.models import Model
from api import seeding
from api.http.access import route, v1
from api.http.context import Who
from api.http.cypher import Slots
from api.models import Consent
from api.pipeline import graph_reader
from api.roles import Permission
from api.seeding import LISTED, Wish
from api.views import View
from graph.errors import ConfigurationError
from graph.language import Text
from graph.reader import Reader

router = v1()

# a plan of a million replies takes half a minute of one core: a key waits for its own
SLOTS = Slots(most=1)
Name = Annotated[str, StringConstraints(min_length=1, max_length=256)]


class BudgetError(ConfigurationError):
    """More seeds are asked for than one answer plans."""

    text = Text(
        "A plan here has at most {most:,} seeds; {budget:g} were asked for. Use kith seeds.",
        "此处方案最多 {most:,} 位种子，请求为 {budget:g}。请使用 kith seeds。",
    )


class SeedsRequest(BaseModel):
    """What a plan is wanted for."""

    model_config = ConfigDict(extra="forbid")

    budget: float = Field(gt=0, le=1e9, description="What all may cost; without cost: how many")
    cost: Name | None = Field(None, description="A numeric property of customers")
    excluded: list[Name] = Field(default_factory=list, max_length=10_000)
    product: Name | None = Field(None, description="A product that seeds get first")
    model: Model = "cascade"
    probability: float = Field(0, ge=0, le=1, description="0: the share of one's replies")
    topic: Name | None = None
    window: int | None = Field(None, ge=1, le=36_500, description="Days that count")
    seed: int = Field(0, ge=0, le=1_000_000_000, description="Of all draws")


class SeedView(BaseModel):
    """A person proposed as seed."""

    customer_id: str
    order: int
    handle: str | None = Field(description="Public nickname")
    gain: float = Field(description="People reached beyond those of the seeds before")
    gain_low: float = Field(description="Lower end of its 95 % interval")
    gain_high: float
    reach: float = Field(description="People reached by all seeds up to this one")
    alone: float = Field(description="People reached by this seed alone")
    overlap: float = Field(description="Share of that which seeds before reach too")
    cost: float
    circle_id: str | None
    explanation: str
    consents: list[Consent]


class SeedsView(BaseModel):
    """A plan."""

    as_of: datetime | None
    notes: list[str]
    n: int = Field(description="Seeds; the items are the first of them")
    items: list[SeedView]
    people: int | None = Field(description="Who answer or are answered; null: nobody does")
    replies: int | None
    model: str | None
    probability: JsonValue = Field(description="Where probabilities come from")
    budget: float | None
    spent: float | None
    chosen_by: str | None = Field(description="search or degree: which list is proposed")
    lists: JsonValue = Field(description="How far each list reaches on the same check")
    gain_over_degree: list[float] | None = Field(description="Share, and its 95 % interval")
    first_below_noise: int | None = Field(description="First not sure to reach anybody else")
    certain_share_of_best: float | None
    curve: list[list[float]] | None = Field(description="Reach, low, high of the first 0, 1, ...")
    steps: list[list[float]] | None = Field(description="Reach, low, high after each step")
    adoption: JsonValue = Field(description="The product, with seeds and without")


@route(router, "/seeds", method="POST", permission=Permission.SEEDS, answer=SeedsView)
def seeds(asked: Who, *, wanted: SeedsRequest) -> View:
    """Plan whom to seed; nothing is written, and the same request gives the same plan."""
    asked.parameters = wanted.model_dump()
    if wanted.cost is None and wanted.budget > LISTED:
        raise BudgetError(most=LISTED, budget=wanted.budget)
    context = asked.context

    def open_() -> Reader:
        return graph_reader(context.connection.get(), context.settings)

    wish = Wish(**{**wanted.model_dump(), "excluded": tuple(wanted.excluded)})
    with SLOTS.taken(asked.key.key_id):
        found = seeding.plan(asked.ask, wish, open_=open_, settings=context.settings)
    asked.rows = int(str(found["n"]))
    return found
