"""What a customer is like, where the accounts of the customer do not say the same.

Each field follows a rule of the policy (``algorithms/identity/golden.toml``). Where several
accounts are one customer, the record names the account behind each value and the fields on
which accounts disagree, so that nothing is decided unseen. Names, addresses and contacts are
not here: their values never enter the graph, see ``algorithms.identity.golden_values``.
"""

from collections.abc import Mapping
from dataclasses import replace
from typing import TYPE_CHECKING, Annotated, Final

import numpy as np
import numpy.typing as npt
import pandas as pd
import pyarrow as pa
from pydantic import field_validator

from algorithms.contract import Algorithm, Inputs, PropertyOptions, Result, owned
from algorithms.golden_policy import GoldenPolicy, home_policy, shipped_policy
from algorithms.parameters import Parameters
from algorithms.survivorship import NEVER, Choice, Rule, Statements, chosen
from graph.language import Text
from graph.settings import Settings
from graph.spec import PropertySpec

if TYPE_CHECKING:
    from graph.properties import Kind

Numbers = npt.NDArray[np.int64]

FIELDS: Final[Mapping[str, Text]] = {
    "gender": Text("Gender", "性别"),
    "birth_year": Text("Year of birth", "出生年份"),
    "region": Text("Region", "省份"),
    "city": Text("City", "城市"),
    "occupation": Text("Occupation", "职业"),
    "card_tier": Text("Tier of the member card", "会员卡等级"),
    "acquisition_channel": Text("Channel that won the customer", "获客渠道"),
    "handle": Text("Public nickname", "公开昵称"),
}
DEFAULTS: Final = shipped_policy()


class GoldenParameters(Parameters):
    """The rule of each field, and whom to believe."""

    sources: Annotated[
        str,
        Text("Sources, most believed first, parted by commas", "来源，最可信者在前，以逗号分隔"),
    ] = ",".join(DEFAULTS.sources)
    kinds: Annotated[
        str, Text("Kinds of account in the same way, for other sources", "其余来源按账户类型的次序")
    ] = ",".join(DEFAULTS.kinds)
    gender: Annotated[Rule, FIELDS["gender"]] = DEFAULTS.fields["gender"]
    birth_year: Annotated[Rule, FIELDS["birth_year"]] = DEFAULTS.fields["birth_year"]
    region: Annotated[Rule, FIELDS["region"]] = DEFAULTS.fields["region"]
    city: Annotated[Rule, FIELDS["city"]] = DEFAULTS.fields["city"]
    occupation: Annotated[Rule, FIELDS["occupation"]] = DEFAULTS.fields["occupation"]
    card_tier: Annotated[Rule, FIELDS["card_tier"]] = DEFAULTS.fields["card_tier"]
    acquisition_channel: Annotated[Rule, FIELDS["acquisition_channel"]] = DEFAULTS.fields[
        "acquisition_channel"
    ]
    handle: Annotated[Rule, FIELDS["handle"]] = DEFAULTS.fields["handle"]

    @field_validator("kinds")
    @classmethod
    def _are_known(cls, kinds: str) -> str:
        GoldenPolicy.model_validate({"sources": (), "kinds": _parted(kinds), "fields": {}})
        return kinds

    @property
    def policy(self) -> GoldenPolicy:
        """Return the parameters as the policy that they stand for."""
        rules = {name: getattr(self, name) for name in FIELDS}
        order = {"sources": _parted(self.sources), "kinds": _parted(self.kinds)}
        return GoldenPolicy.model_validate({**order, "fields": rules})


def _parted(names: str) -> tuple[str, ...]:
    return tuple(name.strip() for name in names.split(",") if name.strip())


def home_defaults(settings: Settings) -> dict[str, str]:
    """Return the parameters as a home's policy has them."""
    policy = home_policy(settings)
    rules = {str(name): str(rule) for name, rule in policy.fields.items() if name in FIELDS}
    return {"sources": ",".join(policy.sources), "kinds": ",".join(policy.kinds), **rules}


# 'unknown' is what a form says that was not filled in
TOLD: Final = """
WITH seen AS (
    SELECT account_id, MAX(last_seen_at) AS seen_at
    FROM identifiers
    GROUP BY account_id
), every AS (
    SELECT
        a.customer_id, a.account_id, a.source, COALESCE(a.kind, '') AS kind,
        GREATEST(COALESCE(a.registered_at, s.seen_at), COALESCE(s.seen_at, a.registered_at))
            AS seen_at,
        COUNT(*) OVER (PARTITION BY a.customer_id) AS n_accounts,
        NULLIF(a.gender, 'unknown') AS gender, a.birth_year, a.region, a.city, a.occupation,
        a.card_tier, a.acquisition_channel, a.handle
    FROM accounts a
    LEFT JOIN seen s ON a.account_id = s.account_id
    WHERE a.customer_id IS NOT NULL
)
SELECT *
FROM every
WHERE COALESCE(
    gender, CAST(birth_year AS VARCHAR), region, city, occupation, card_tier,
    acquisition_channel, handle
) IS NOT NULL
ORDER BY customer_id, account_id
"""


def compute(inputs: Inputs, params: GoldenParameters) -> Result:
    """Choose one value a field for every customer.

    Parameters
    ----------
    inputs
        ``told``: one row an account that states at least one field, ordered by customer and
        account: ids, ``source``, ``kind`` (empty: not stated), ``seen_at`` (null: never),
        ``n_accounts`` of the customer, and the fields.
    params
        The rules.

    Returns
    -------
    ``Customer``, ordered by ``customer_id``: the fields (null where no account states one),
    ``golden_sources`` (``field=account_id``, sorted; null for a customer of one account) and
    ``golden_conflicts`` (fields on which accounts disagree, sorted; null where they do not).
    Customers of whom nothing is said are absent. Metrics count the conflicts by field.
    """
    told = inputs["told"]
    customer = _numbered(told["customer_id"])
    first = np.diff(customer, prepend=-1) != 0
    basis = _basis(told, customer, policy=params.policy)
    choices = {name: _choice(told[name], basis, rule=getattr(params, name)) for name in FIELDS}
    frame = pd.DataFrame({"customer_id": told["customer_id"][first].reset_index(drop=True)})
    for name, choice in choices.items():
        frame[f"golden_{name}"] = _values(told[name], customer, choice=choice)
    is_several = told["n_accounts"].to_numpy() > 1
    told_by = told["account_id"].astype(object).to_numpy()
    frame["golden_sources"] = _listed(
        {f"{n}=": c.row[is_several[c.row]] for n, c in choices.items()}, customer, told_by=told_by
    )
    disputed = {n: c.row[c.is_disputed] for n, c in choices.items()}
    frame["golden_conflicts"] = _listed(disputed, customer, told_by=np.full(len(told), ""))
    metrics = {"conflicts": {name: len(rows) for name, rows in disputed.items()}}
    return Result({"Customer": frame}, metrics)


def _numbered(ordered: "pd.Series[str]") -> Numbers:
    """Return the same number for equal neighbours, from 0 on."""
    codes = ordered.cat.codes.to_numpy(np.int64)
    return np.cumsum(np.diff(codes, prepend=-1) != 0) - 1


def _basis(told: pd.DataFrame, customer: Numbers, *, policy: GoldenPolicy) -> Statements:
    """Return who says something when and how believable that is; values are still missing."""
    # there are few combinations of source and kind, however many accounts
    named = told["source"].astype(str) + ":" + told["kind"].astype(str)
    code, combinations = pd.factorize(named)
    parts = [tuple(str(name).split(":", 1)) for name in combinations]
    places = policy.trust([(source, kind or None) for source, kind in parts])
    seen = told["seen_at"].dt.as_unit("ms").astype("int64").to_numpy()
    return Statements(
        customer=customer,
        value=np.zeros(len(told), dtype=np.int64),
        account=np.arange(len(told)),
        seen=np.where(told["seen_at"].isna(), NEVER, seen),
        trust=np.array(places, dtype=np.int64)[code],
    )


def _choice(column: pd.Series, basis: Statements, *, rule: Rule) -> Choice:
    """Choose among the accounts that state a field; rows are those of ``basis``."""
    code, _ = pd.factorize(column, sort=True)
    stated = np.flatnonzero(code >= 0)
    choice = chosen(replace(basis.at(stated), value=code[stated]), rule)
    return Choice(stated[choice.row], choice.is_disputed)


def _values(column: pd.Series, customer: Numbers, *, choice: Choice) -> pd.Series:
    """Return the chosen value of every customer, null where there is none."""
    values = column.iloc[choice.row]
    values.index = pd.Index(customer[choice.row])
    return values.reindex(range(int(customer.max(initial=-1)) + 1))


def _listed(
    rows: Mapping[str, Numbers], customer: Numbers, *, told_by: npt.NDArray[np.object_]
) -> pd.Series:
    """Return for every customer the sorted texts of its rows; null where it has none."""
    names = sorted(rows)
    row = np.concatenate([rows[name] for name in names])
    text = np.repeat(np.array(names, dtype=object), [len(rows[name]) for name in names])
    order = np.argsort(customer[row], kind="stable")
    n = np.bincount(customer[row], minlength=int(customer.max(initial=-1)) + 1)
    offsets = pa.array(np.concatenate([[0], np.cumsum(n)]).astype(np.int32))
    texts = pa.array((text + told_by[row])[order], pa.string())
    lists = pa.ListArray.from_arrays(offsets, texts, mask=pa.array(n == 0))
    return pd.Series(lists, dtype=pd.ArrowDtype(lists.type))


KINDS: Final[Mapping[str, PropertyOptions]] = {
    "gender": {"codes": ("female", "male", "other")},
    "birth_year": {"minimum": 1000},
}
NOTES: Final = (
    owned(
        "golden_sources",
        "texts",
        about=Text(
            "Account behind each value, field=account_id; none where there is one account",
            "每个值所出自的账户，field=account_id；仅有一个账户时为空",
        ),
    ),
    owned(
        "golden_conflicts",
        "texts",
        about=Text("Fields on which the accounts disagree", "各账户说法不一的字段"),
    ),
)


def _declared(name: str, about: Text) -> PropertySpec:
    kinds: dict[str, Kind] = {"gender": "code", "birth_year": "integer"}
    return owned(f"golden_{name}", kinds.get(name, "text"), about=about, **KINDS.get(name, {}))


ALGORITHM = Algorithm(
    name="golden",
    version="1",
    about=Text(
        "Says what a customer is like where accounts differ, and which account says so.",
        "各账户说法不一时确定客户资料，并注明依据的账户。",
    ),
    stage="resolve",
    source="Definition: one survivorship rule a field, see algorithms/identity/golden.toml.",
    reads={
        "accounts": (
            "account_id",
            "customer_id",
            "source",
            "kind",
            "registered_at",
            *FIELDS,
        ),
        "identifiers": ("account_id", "last_seen_at"),
    },
    parameters=GoldenParameters,
    compute=compute,
    reduce={"told": TOLD},
    properties={"Customer": (*(_declared(name, about) for name, about in FIELDS.items()), *NOTES)},
    defaults=home_defaults,
)
