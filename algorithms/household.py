"""Who shares a home: customers with a phone, e-mail or device in common who are not one person.

What is too widely shared to make one person of its holders, or was refused because they
contradict each other, mostly belongs to a family. Where it does not, to a shop, a kiosk or a
chain of slips, it ties far more customers together than live under one roof.

Choices where two readers might differ:

- Only customers with a registered account count. An anonymous visitor or a partner's row on a
  shared device is most likely one of those who share it, and no further person.
- Who had a recycled number before shares nothing with who has it now. Of a value that is
  nobody's, or a hub, nothing follows; that an address joins nobody is no objection here.
- An identifier of more customers than share a home is passed over: with seven and more it is
  a shop's, a clerk's or a slip that many make. Where several identifiers tie more together
  than a household may have, each makes a household of its own: the best kind first, and
  whoever is in one already is in no second one. The run's metrics count both.
"""

import hashlib
from dataclasses import dataclass
from typing import Annotated, Final

import numpy as np
import numpy.typing as npt
import pandas as pd
import pyarrow as pa
from pydantic import Field

from algorithms.contract import Algorithm, Inputs, KnowledgeTable, Result, owned
from algorithms.parameters import Parameters
from graph.language import Text
from graph.spec import RelationshipSpec

Numbers = npt.NDArray[np.int64]
Flags = npt.NDArray[np.bool_]

KINDS: Final = ("phone", "email", "device", "cookie", "address")  # the best evidence first
ID_DIGITS: Final = 15  # 60 bits, as of customers
NOBODY: Final = -1


class HouseholdParameters(Parameters):
    """How large a household may be, and how many may share one thing of it."""

    maximum: Annotated[int, Text("Most customers of one household", "一个家庭的最多客户数")] = (
        Field(10, ge=2, le=100)
    )
    # one home in nine has five persons or more (China's census of 2020), few have seven
    sharers: Annotated[
        int, Text("Most customers on one identifier of a home", "同一标识上的最多客户数")
    ] = Field(6, ge=2, le=100)


# `linking` and `refused_reason` belong to the link: an identifier that joins accounts may do so
# for one owner in turn and not for another, and not for all accounts of one owner
SHARING: Final = """
WITH registered AS (
    SELECT DISTINCT customer_id
    FROM accounts
    WHERE customer_id IS NOT NULL AND COALESCE(kind, '') NOT IN ('visitor', 'call', 'partner')
), held AS (
    SELECT
        i.identifier_key, COALESCE(i.epoch, 1) AS epoch, i.kind, i.customer_id, i.account_id,
        CASE
            WHEN i.state <> 'linking' OR i.refused_reason IS NOT NULL OR NOT i.linking THEN 1
            ELSE 0
        END AS joins_not
    FROM identifiers i
    JOIN registered r ON i.customer_id = r.customer_id
    WHERE i.kind IN ('phone', 'email', 'device', 'cookie', 'address')
        AND (i.state IN ('linking', 'shared') OR i.kind = 'address' AND i.reason = 'kind')
), common AS (
    SELECT identifier_key, epoch
    FROM held
    GROUP BY identifier_key, epoch
    HAVING COUNT(DISTINCT customer_id) > 1 AND MAX(joins_not) = 1
)
SELECT h.identifier_key, h.epoch, h.kind, h.customer_id, MIN(h.account_id) AS account_id
FROM held h
JOIN common c ON h.identifier_key = c.identifier_key AND h.epoch = c.epoch
GROUP BY h.identifier_key, h.epoch, h.kind, h.customer_id
"""


@dataclass(frozen=True)
class _Sharing:
    """Who has what in common with others: one row a customer and identifier.

    ``customer`` and ``account`` are places in the order of their ids, ``unit`` is a number of
    the identifier and its owner in turn, ``kind`` a place in ``KINDS``.
    """

    customer: Numbers
    account: Numbers
    unit: Numbers
    kind: Numbers

    def at(self, rows: Numbers | Flags) -> "_Sharing":
        """Return some of the rows."""
        return _Sharing(self.customer[rows], self.account[rows], self.unit[rows], self.kind[rows])


def compute(inputs: Inputs, params: HouseholdParameters) -> Result:
    """Put customers who share identifiers of a home into households.

    Parameters
    ----------
    inputs
        ``sharing``: one row a customer with a registered account and an identifier that
        others like them have too, in any order: ``customer_id``, ``identifier_key``,
        ``epoch`` (>= 1: the owner in turn), ``kind`` and the smallest ``account_id`` on which
        the customer has it.
    params
        ``maximum`` and ``sharers``.

    Returns
    -------
    ``Household``, ordered by ``household_id``: ``size`` (customers, 2 to ``maximum``).
    ``Customer-IN_HOUSEHOLD-Household``, ordered by its ends: ``basis`` (what the customer
    shares with the household, the best evidence first). A customer is in one household or in
    none. Metrics count identifiers and components that are too large.
    """
    rows = inputs["sharing"]
    customers, customer = _ranked(rows["customer_id"])
    accounts, account = _ranked(rows["account_id"])
    kind = pd.Index(KINDS).get_indexer(pd.Index(rows["kind"].astype(str))).astype(np.int64)
    every = _Sharing(customer, account, _units(rows), kind)
    sharing, crowded = _uncrowded(every, sharers=params.sharers)
    label, broken = _labelled(sharing, maximum=params.maximum)
    told = sharing.at(label != NOBODY)
    ids = _ids(told, label[label != NOBODY], accounts=accounts)
    metrics = {"crowded_identifiers": crowded, "components_broken_up": broken}
    return Result(_frames(told, ids, customers=customers), metrics)


def _ranked(ids: pd.Series) -> tuple[npt.NDArray[np.object_], Numbers]:
    """Return the distinct ids in order, and the place of each row's among them."""
    names, place = np.unique(ids.astype(object).to_numpy(dtype=object), return_inverse=True)
    return names, place.astype(np.int64)


def _units(rows: pd.DataFrame) -> Numbers:
    """Return the same number for equal identifiers of one owner in turn."""
    identifier = rows["identifier_key"].cat.codes.to_numpy(np.int64)
    epoch = rows["epoch"].to_numpy(np.int64)
    together = identifier * (int(epoch.max(initial=0)) + 1) + epoch
    return np.unique(together, return_inverse=True)[1].astype(np.int64)


def _uncrowded(sharing: _Sharing, *, sharers: int) -> tuple[_Sharing, int]:
    """Leave out what more customers have than live in one home, and count that."""
    pairs = np.unique(np.stack([sharing.unit, sharing.customer]), axis=1)
    crowded = np.bincount(pairs[0]) > sharers
    return sharing.at(~crowded[sharing.unit]), int(crowded.sum())


def _labelled(sharing: _Sharing, *, maximum: int) -> tuple[Numbers, int]:
    """Return the household of each row, NOBODY where there is none, and how many fell apart."""
    component = _components(sharing)
    pairs = np.unique(np.stack([component, sharing.customer]), axis=1)
    is_large = np.bincount(pairs[0]) > maximum
    label = component.copy()
    large = np.flatnonzero(is_large[component])
    label[large] = _fallen_apart(sharing.at(large), first=len(is_large))
    return label, int(is_large.sum())


def _components(sharing: _Sharing) -> Numbers:
    """Return the component of each row: customers are tied by what they have in common."""
    from scipy.sparse import coo_array
    from scipy.sparse.csgraph import connected_components

    n = int(sharing.customer.max(initial=-1)) + 1
    size = n + int(sharing.unit.max(initial=-1)) + 1
    ends = (sharing.customer, n + sharing.unit)
    ties = coo_array((np.ones(len(sharing.unit), dtype=np.bool_), ends), shape=(size, size))
    _, labels = connected_components(ties, directed=False)
    return np.unique(labels[sharing.customer], return_inverse=True)[1].astype(np.int64)


def _fallen_apart(sharing: _Sharing, *, first: int) -> Numbers:
    """Make a household of each identifier, of those customers who are in none yet.

    Labels count from ``first``. The order is by kind, then by accounts: never by the key of an
    identifier, which depends on the secret.
    """
    label = np.full(len(sharing.unit), NOBODY, dtype=np.int64)
    taken: set[int] = set()
    for number, rows in enumerate(_in_order(sharing), start=first):
        free = [row for row in rows if int(sharing.customer[row]) not in taken]
        members = {int(sharing.customer[row]) for row in free}
        if len(members) > 1:
            taken |= members
            label[free] = number
    return label


def _in_order(sharing: _Sharing) -> list[list[int]]:
    """Return the rows of each identifier, the best kind and the smallest accounts first."""
    order = np.lexsort((sharing.account, sharing.unit))
    begins = np.flatnonzero(np.diff(sharing.unit[order], prepend=-1))
    units = [part.tolist() for part in np.split(order, begins[1:])] if len(order) else []
    kind, account = sharing.kind.tolist(), sharing.account.tolist()
    return sorted(units, key=lambda rows: (kind[rows[0]], [account[row] for row in rows]))


def _ids(
    sharing: _Sharing, label: Numbers, *, accounts: npt.NDArray[np.object_]
) -> npt.NDArray[np.object_]:
    """Return the household's id for each row: it comes from the smallest account that shares."""
    order = np.lexsort((sharing.account, label))
    founds = order[np.diff(label[order], prepend=NOBODY) != 0]
    ids = [_hashed(str(account)) for account in accounts[sharing.account[founds]]]
    place = np.searchsorted(label[founds], label)
    return np.array(ids, dtype=object)[place]


def _hashed(account_id: str) -> str:
    digest = hashlib.sha256(f"household:{account_id}".encode()).hexdigest()
    return f"h{digest[:ID_DIGITS]}"


def _frames(
    sharing: _Sharing, ids: npt.NDArray[np.object_], *, customers: npt.NDArray[np.object_]
) -> dict[str, pd.DataFrame]:
    """Return households and their members in the order of keys."""
    names, household = np.unique(ids, return_inverse=True)
    order = np.lexsort((sharing.kind, sharing.customer))
    member = sharing.customer[order]
    starts = np.diff(member, prepend=NOBODY) != 0
    found = order[starts]
    basis = _listed(sharing.kind[order], np.cumsum(starts) - 1)
    sizes = np.bincount(household[found], minlength=len(names))
    links = {"start_id": customers[member[starts]], "end_id": ids[found], "basis": basis}
    return {
        "Household": pd.DataFrame({"household_id": names, "size": sizes}),
        "Customer-IN_HOUSEHOLD-Household": pd.DataFrame(links),
    }


def _listed(kind: Numbers, place: Numbers) -> pd.Series:
    """Return for each place the distinct kinds; both come in rising order of places, then kinds."""
    is_new = (np.diff(place, prepend=NOBODY) != 0) | (np.diff(kind, prepend=NOBODY) != 0)
    counts = np.bincount(place[is_new])
    offsets = pa.array(np.concatenate([[0], np.cumsum(counts)]).astype(np.int32))
    lists = pa.ListArray.from_arrays(offsets, pa.array(KINDS).take(pa.array(kind[is_new])))
    return pd.Series(lists, dtype=pd.ArrowDtype(lists.type))


IN_HOUSEHOLD_LINK: Final = RelationshipSpec(
    type="IN_HOUSEHOLD",
    start="Customer",
    end="Household",
    about=Text("With whom a customer shares a home", "客户所属的家庭"),
    properties=(
        owned(
            "basis",
            "texts",
            about=Text(
                "What the customer shares with it, the best evidence first",
                "与家庭共用的标识类型，最可靠者在前",
            ),
            owner="household",
        ),
    ),
)

ALGORITHM = Algorithm(
    name="household",
    version="1",
    about=Text(
        "Finds customers who share a phone, an e-mail or a device and are not one person.",
        "找出共用电话、邮箱或设备但并非同一人的客户，归为家庭。",
    ),
    stage="resolve",
    source="Definition: components of shared identifiers; see the module's choices.",
    reads={
        "accounts": ("customer_id", "kind"),
        "identifiers": (
            "account_id",
            "customer_id",
            "identifier_key",
            "kind",
            "state",
            "reason",
            "linking",
            "epoch",
            "refused_reason",
        ),
    },
    parameters=HouseholdParameters,
    compute=compute,
    reduce={"sharing": SHARING},
    properties={
        "Household": (
            owned(
                "size",
                "integer",
                about=Text("Customers", "客户数"),
                minimum=2,
                owner="household",
            ),
        )
    },
    makes=frozenset({"Household"}),
    links=(IN_HOUSEHOLD_LINK,),
    tables=(
        KnowledgeTable(
            name="household_members",
            about=Text("A customer's place in a household", "客户与其家庭"),
            columns=("household_id", "customer_id", "basis"),
            elements=("Customer-IN_HOUSEHOLD-Household",),
            query="""
SELECT end_id AS household_id, start_id AS customer_id, basis
FROM "Customer-IN_HOUSEHOLD-Household"
""",
        ),
    ),
)
