"""What the API answers, as models: written out where fixed, derived where declared.

Everything that an algorithm may add to a node becomes a field here by itself, so a new
score appears in the API and in its documentation without a line of code.
"""

from collections.abc import Sequence
from datetime import datetime
from typing import Generic, Literal, TypeVar

from pydantic import BaseModel, Field, JsonValue, create_model

from api.facets import COMMUNITY, MEMBERSHIP, PURCHASES, SERVICE, UNPAID
from api.scores import State
from api.views import by_owner, facts_of, model_of
from graph.codes import IDENTIFIER_KINDS
from graph.spec import GraphSpec, PropertySpec

T = TypeVar("T")


class RunBrief(BaseModel):
    """The run that a score comes from."""

    run_id: str
    algorithm: str
    version: str | None
    as_of: datetime | None = Field(description="Latest fact that was used")
    started_at: datetime | None
    evaluation: JsonValue = Field(
        None, description="How its scores did at past cuts, beside baselines; null: not yet graded"
    )


class Identifier(BaseModel):
    """An identifier as it may be shown."""

    kind: str
    masked: str | None = Field(description="Such as 138****5678")
    state: str | None = Field(description="linking, shared or blocked")
    reason: str | None = Field(description="Why it is shared or blocked")
    first_seen_at: datetime | None
    last_seen_at: datetime | None
    sources: list[str]


class Consent(BaseModel):
    """The latest statement on a purpose and channel."""

    purpose: str
    channel: str | None = Field(description="null: all channels")
    granted: bool
    at: datetime


class Happening(BaseModel):
    """Something that happened, and where its record lies."""

    kind: Literal["order", "post", "ticket", "consent"]
    id: str
    source: str | None
    at: datetime | None


class Found(BaseModel):
    """A customer on whose accounts an identifier was seen."""

    customer_id: str
    n_accounts: int = Field(description="Accounts of the customer that carry the identifier")
    sources: list[str]


class LookupAnswer(BaseModel):
    """Who an identifier belongs to; no customer where it was never seen."""

    kind: str
    masked: str | None
    state: str | None = Field(description="linking, shared or blocked; null: never seen")
    customers: list[Found]


class LookupRequest(BaseModel):
    """An identifier in the clear; it is hashed at once and kept nowhere."""

    model_config = {"extra": "forbid"}

    kind: Literal[IDENTIFIER_KINDS] = Field(description="Kind of identifier")  # type: ignore[valid-type]
    value: str = Field(min_length=1, max_length=256, description="The value in the clear")
    scope: str | None = Field(
        None,
        min_length=1,
        max_length=256,
        description="The app of an open_id; the source of a member_no or card_no of a partner",
    )


class Listed(BaseModel, Generic[T]):
    """A listing that fits on one page."""

    items: list[T]


class Paged(BaseModel, Generic[T]):
    """One page of a listing."""

    items: list[T]
    next: str | None = Field(description="Address of the next page; null: this is the last")


class CypherRequest(BaseModel):
    """A query that reads."""

    model_config = {"extra": "forbid"}

    query: str = Field(min_length=1, max_length=20_000, description="Cypher; it may only read")
    parameters: dict[str, JsonValue] = Field(default_factory=dict, description="Values of $names")
    rows: int | None = Field(None, ge=1, description="Most rows, if fewer than the service gives")


class CypherAnswer(BaseModel):
    """The rows of a query."""

    columns: list[str]
    rows: list[list[JsonValue]]
    truncated: bool = Field(description="Whether there are more rows than these")
    truncated_by: str = Field(description="rows or size; empty: these are all")
    n_cut_cells: int = Field(description="Values that were longer than a value may be")
    seconds: float


class QueryParameter(BaseModel):
    """What can be set in a named query."""

    name: str
    kind: str
    default: JsonValue
    about: str


class NamedQuery(BaseModel):
    """A query that comes with kith."""

    name: str
    title: str
    question: str
    cypher: str
    parameters: list[QueryParameter]


class Parameter(BaseModel):
    """What can be set about an algorithm."""

    name: str
    about: str
    bounds: str
    default: str


class RunView(RunBrief):
    """A run with everything noted of it."""

    kind: str | None
    seconds: float | None
    is_current: bool | None
    parameters: JsonValue
    window: JsonValue = Field(description="First and last time of each table read")
    counts: JsonValue
    metrics: JsonValue


class PropertyView(BaseModel):
    """A property or column as declared."""

    name: str
    kind: str
    about: str
    unit: str
    basis: Literal["observed", "inferred"]
    owner: str = Field(description="The algorithm that computes it; empty for a fact")
    required: bool
    codes: list[str]
    minimum: float | None
    maximum: float | None


class AlgorithmView(BaseModel):
    """A method, what it reads and what it says."""

    name: str
    version: str
    stage: str
    about: str
    source: str = Field(description="The paper, book or definition that it follows")
    reads: dict[str, list[str]] = Field(description="Columns by table")
    writes: dict[str, list[PropertyView]] = Field(description="By label or relationship")
    parameters: list[Parameter]
    run: RunBrief | None = Field(description="The run whose results stand in the graph")


class ColumnView(PropertyView):
    """A column of a table."""

    personal: bool = Field(description="Never enters the graph")
    refers: str = Field(description="Label of the node that it names")


class TableBrief(BaseModel):
    """A table's name and meaning."""

    name: str
    about: str
    origin: Literal["sources", "algorithms"] = Field(description="Who fills it")


class TableView(TableBrief):
    """A table with its columns and its picture in the graph."""

    node: str = Field(description="Label of the node that a row is; else empty")
    relationship: str = Field(description="Relationship that a row is; else empty")
    identity: list[str] = Field(description="Columns that identify a row")
    columns: list[ColumnView]


class NodeView(BaseModel):
    """A label, its key, its properties and how many nodes there are."""

    label: str
    key: str
    about: str
    n: int
    properties: list[PropertyView]


class RelationshipView(BaseModel):
    """A relationship type between two labels."""

    type: str
    start: str
    end: str
    about: str
    properties: list[PropertyView]


class SchemaView(BaseModel):
    """The graph as declared."""

    nodes: list[NodeView]
    relationships: list[RelationshipView]


def account_model(spec: GraphSpec) -> type[BaseModel]:
    """Return the model of an account as part of a customer."""
    return create_model(
        "Account",
        account_id=(str, ...),
        source=(str | None, ...),
        rule=(str | None, Field(description="Evidence that joined it to the customer")),
        confidence=(float | None, ...),
        since=(datetime | None, ...),
        facts=(model_of("AccountFacts", facts_of(spec, "Account")), ...),
    )


def account_page_model(spec: GraphSpec) -> type[BaseModel]:
    """Return the model of an account in a customer's listing."""
    identifiers = (list[Identifier], Field(description="Masked"))
    return create_model("AccountView", __base__=account_model(spec), identifiers=identifiers)


def profile_model(spec: GraphSpec) -> type[BaseModel]:
    """Return the model of a customer from all sides."""
    purchases = model_of("Purchases", PURCHASES)
    facets = create_model(
        "Facets",
        membership=(model_of("Membership", MEMBERSHIP), ...),
        store=(purchases, Field(description="Bought in a shop")),
        online=(purchases, Field(description="Bought elsewhere than in a shop")),
        card=(purchases, Field(description="Bought by a card account; also under store or online")),
        service=(model_of("Service", SERVICE), ...),
        community=(model_of("Community", COMMUNITY), ...),
    )
    return create_model(
        "CustomerProfile",
        customer_id=(str, ...),
        n_accounts=(int, ...),
        changed_at=(datetime | None, Field(description="When accounts last came or went")),
        accounts=(_by_source(account_model(spec)), Field(description="By source")),
        identifiers=(list[Identifier] | None, Field(description="null: withheld from the role")),
        orders=(model_of("Orders", (*PURCHASES, UNPAID)), ...),
        facets=(facets, ...),
        consents=(list[Consent], ...),
        timeline=(list[Happening], Field(description="The latest first")),
        scores=(scores_model(spec, "Customer"), Field(description="By algorithm")),
    )


def page_of(item: type[BaseModel]) -> type[BaseModel]:
    """Return the model of one page of ``item``, which exists only when the program runs."""
    return Paged[item]  # type: ignore[valid-type]


def scores_model(spec: GraphSpec, label: str) -> type[BaseModel]:
    """Return the model of everything that algorithms say of a node, by algorithm."""
    owned = by_owner(spec.nodes[label].properties)
    fields = {
        owner: (_score_model(f"{label}{owner.title().replace('_', '')}", owned[owner]), ...)
        for owner in owned
    }
    return create_model(f"{label}Scores", **fields)  # type: ignore[call-overload,no-any-return]


def _by_source(item: type[BaseModel]) -> type[dict[str, list[BaseModel]]]:
    return dict[str, list[item]]  # type: ignore[valid-type]


def _score_model(name: str, properties: Sequence[PropertySpec]) -> type[BaseModel]:
    return create_model(
        name,
        state=(State, ...),
        note=(str, Field(description="The state in words")),
        run=(RunBrief | None, ...),
        values=(model_of(f"{name}Values", properties), ...),
    )


def product_model(spec: GraphSpec) -> type[BaseModel]:
    """Return the model of an article."""
    return create_model(
        "ProductView",
        product_id=(str, ...),
        category_ids=(list[str], ...),
        brand_ids=(list[str], ...),
        facts=(model_of("ProductFacts", facts_of(spec, "Product")), ...),
        scores=(scores_model(spec, "Product"), Field(description="By algorithm")),
    )


def order_model(spec: GraphSpec) -> type[BaseModel]:
    """Return the model of an order in a customer's listing."""
    return create_model(
        "OrderView",
        order_id=(str, ...),
        account_id=(str, ...),
        store_id=(str | None, ...),
        n_lines=(int, ...),
        value=(float, Field(description="Sum of its lines, else its own amount; currency")),
        facts=(model_of("OrderFacts", facts_of(spec, "Order")), ...),
    )


def partner_model(spec: GraphSpec, label: str) -> type[BaseModel]:
    """Return the model of one rule of a product or category."""
    link = spec.relationships[f"{label}-ALSO_BOUGHT-{label}"]
    return create_model(
        f"{label}Partner",
        id=(str, ...),
        name=(str | None, ...),
        values=(model_of(f"{label}PartnerValues", link.properties), ...),
    )
