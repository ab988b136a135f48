"""What the addresses about identity take and answer."""

from datetime import datetime
from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field, JsonValue, model_validator

from api.identity.reasons import LONGEST
from api.identity.speaking import Wish

Id = Annotated[str, Field(min_length=1, max_length=256)]
# how many accounts, whether an identifier, whether an event a decision names, by its verb
NAMED = {
    **dict.fromkeys(("together", "apart"), (2, False, False)),
    **dict.fromkeys(("block", "unblock"), (0, True, False)),
    "undo": (0, False, True),
}
KEY_ABOUT = "Key of an identifier, as the identity of a customer shows it"


class FieldWeight(BaseModel):
    """What one field contributes to a join by resemblance."""

    field: str
    weight: float = Field(description="log2 of the Bayes factor; below zero it speaks against")
    text: str


class IdentifierView(BaseModel):
    """An identifier, masked."""

    identifier_key: str = Field(description="Keyed hash: names it in a decision")
    kind: str
    masked: str | None
    state: str | None = Field(description="linking, shared or blocked")
    reason: str | None = Field(description="cap, hub, listed, kind or steward")
    n_accounts: int = Field(description="Most registered accounts that one source has on it")


class SeenOn(BaseModel):
    """When an identifier was seen on an account."""

    account_id: str
    source: str
    first_seen_at: datetime | None
    last_seen_at: datetime | None


class DecisionBrief(BaseModel):
    """A steward's word on two accounts."""

    decision_id: str
    verb: str
    by: str
    at: datetime | None
    reason: str


class DecisionOn(DecisionBrief):
    """A steward's word, seen from one of the accounts."""

    account_id: str = Field(description="The other account")


class Step(BaseModel):
    """The evidence that joins one account to another."""

    model_config = ConfigDict(populate_by_name=True)

    from_: str = Field(alias="from")
    to: str
    rule: str = Field(description="A kind of identifier, steward or linkage")
    confidence: float
    identifier: IdentifierView | None
    seen: list[SeenOn]
    decision: DecisionBrief | None
    fields: list[FieldWeight] = Field(description="Of a join by resemblance, weightiest first")
    text: str


class Carried(IdentifierView):
    """An identifier on an account."""

    linking: bool = Field(description="Whether it may join here")
    epoch: int | None = Field(description="Owner in turn of a recycled number")
    refused_reason: str | None = Field(description="steward, unique, birth_date or name")
    first_seen_at: datetime | None
    last_seen_at: datetime | None
    text: str


class IdentityAccount(BaseModel):
    """An account with what joins it and what does not."""

    account_id: str
    source: str
    rule: str | None
    confidence: float
    since: datetime | None
    run_id: str | None
    linked_to: str | None = Field(description="The account that it resembles")
    fields: list[FieldWeight]
    identifiers: list[Carried]
    decisions: list[DecisionOn]


class LikelySame(BaseModel):
    """Another customer who resembles this one and was not joined."""

    customer_id: str
    probability: float | None
    weight: float | None
    kept_apart: str | None
    model_version: str | None
    fields: list[FieldWeight]
    text: str


class Identity(BaseModel):
    """What makes a customer one, and what does not."""

    customer_id: str
    n_accounts: int
    accounts: list[IdentityAccount]
    steps: list[Step] = Field(description="How each account is reached from the first one")
    unexplained: list[str] = Field(description="Accounts that no evidence reaches any more")
    likely_same: list[LikelySame]
    truncated: bool = Field(description="Whether the customer has more accounts than these")


class EventView(BaseModel):
    """Something that happened to who is whom."""

    event_id: str
    at: datetime | None
    kind: str
    run_id: str
    actor: str | None
    payload: dict[str, JsonValue]
    text: str


class AccountSince(BaseModel):
    """An account and since when it is with the customer."""

    account_id: str
    since: datetime | None


class History(BaseModel):
    """How a customer came to be what it is."""

    id: str
    as_of: datetime | None
    accounts: list[AccountSince] = Field(description="Those of the instant asked for")
    merged_ids: list[str] = Field(description="Ids that were merged into this one")
    events: list[EventView] = Field(description="The oldest first")


class ReviewItem(BaseModel):
    """Something that a person should look at."""

    kind: Literal["doubtful-join", "likely-same", "large", "limit", "bridge"]
    risk: float = Field(description="0 to 1; the queue is in falling order")
    customer_ids: list[str]
    account_ids: list[str]
    identifier: IdentifierView | None
    fields: list[FieldWeight]
    text: str


class DecisionAbout(BaseModel):
    """What a decision is about."""

    model_config = ConfigDict(extra="forbid")

    verb: Literal["together", "apart", "block", "unblock", "undo"]
    accounts: list[Id] = Field(
        default_factory=list, max_length=2, description="Two ids, of accounts or of customers"
    )
    undo: Id | None = Field(None, description="Id of an event or of a decision")

    @property
    def key(self) -> str | None:
        """Return the key of the identifier that it is about."""
        raise NotImplementedError

    @model_validator(mode="after")
    def _names_what_it_is_about(self) -> "DecisionAbout":
        named = (len(self.accounts), self.key is not None, self.undo is not None)
        if named != NAMED[self.verb]:
            problem = (
                "together and apart name two accounts, block and unblock an identifier, undo an "
                "event or a decision, and none of them anything else"
            )
            raise ValueError(problem)
        return self

    def wish(self, reason: str = "") -> Wish:
        """Return what is asked for."""
        return Wish(
            self.verb,
            reason,
            accounts=tuple(self.accounts),
            identifier_key=self.key or "",
            undo=self.undo or "",
        )


class DecisionRequest(DecisionAbout):
    """What a steward decides."""

    identifier: Id | None = Field(None, description=KEY_ABOUT)
    reason: str = Field(min_length=1, max_length=LONGEST, description="No personal values")

    @property
    def key(self) -> str | None:
        """Return the key of the identifier that it is about."""
        return self.identifier


class DecisionQuery(DecisionAbout):
    """A decision that is only tried."""

    identifier_key: Id | None = Field(None, description=KEY_ABOUT)

    @property
    def key(self) -> str | None:
        """Return the key of the identifier that it is about."""
        return self.identifier_key


class Decided(BaseModel):
    """A decision as it stands in the record."""

    decision_id: str
    at: str
    actor: str
    verb: str
    accounts: list[str]
    identifier_key: str | None
    refers: str | None = Field(description="The decision that is withdrawn")
    customer_id: str | None = Field(description="The customer that gets its id back")
    reason: str


class DecisionAnswer(BaseModel):
    """The decisions recorded for one request, and what followed from them."""

    decisions: list[Decided]
    events: list[EventView]
