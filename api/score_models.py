"""What the pages of segments, models, alerts and explanations answer with."""

from datetime import datetime

from pydantic import BaseModel, Field, JsonValue, create_model

from api.models import RunBrief, scores_model
from api.views import facts_of, model_of
from graph.spec import GraphSpec


class SegmentView(BaseModel):
    """One group of a scheme, and how many customers are in it."""

    scheme: str = Field(description="The property of customers that places them")
    name: str
    label: str = Field(description="In the language asked for")
    n: int
    profile: JsonValue = Field(description="What marks its members")


class MemberView(BaseModel):
    """A customer in a segment; whoever never changed has neither date nor former segment."""

    customer_id: str
    since: datetime | None = Field(description="As of when the change was found")
    previous: str | None


class MetricsView(BaseModel):
    """A part of what a run found out, with the run."""

    run: RunBrief
    notes: list[str] = Field(description="What a reader has to know, in the language asked for")
    found: JsonValue


class AlertView(BaseModel):
    """A rule that one customer meets, or met, with its evidence."""

    alert_id: str
    customer_id: str
    rule: str
    opened_at: datetime | None
    closed_at: datetime | None = Field(description="null: still open")
    evidence: JsonValue


class ExplanationView(BaseModel):
    """Why a customer has the scores that they have."""

    algorithm: str
    text: str
    run: RunBrief


def store_model(spec: GraphSpec) -> type[BaseModel]:
    """Return the model of a store."""
    return create_model(
        "StoreView",
        store_id=(str, ...),
        facts=(model_of("StoreFacts", facts_of(spec, "Store")), ...),
        scores=(scores_model(spec, "Store"), Field(description="By algorithm")),
    )
