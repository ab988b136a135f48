"""Forums of a few who answer one another, as circles read them, and what is found in them."""

import pyarrow as pa

from algorithms.circles import ALGORITHM
from algorithms.contract import Result
from algorithms.reduction import REMEMBERED
from graph.columns import ARROW_TYPES
from tests.pure import Rows, rows_of, run_on, tables_of, utc

AS_OF = "2026-02-01"
MEMBERSHIP = "Customer-MEMBER_OF-Circle"
Pair = tuple[str, str]


def clique(*names: str) -> list[Pair]:
    """Return everybody answering everybody else."""
    return [(a, b) for a in names for b in names if a != b]


CAMERA = ("c1", "c2", "c3", "c4", "c5")
PHONE = ("p1", "p2", "p3", "p4", "p5")
TWO = [*clique(*CAMERA), *clique(*PHONE), ("c1", "p1")]


def forum(
    pairs: list[Pair], *, topic: dict[str, str] | None = None, when: str = "2026-01-15"
) -> dict[str, Rows]:
    """Return accounts and one answering post a pair, as tables hold them."""
    people = sorted({name for pair in pairs for name in pair})
    posts: Rows = [
        {
            "post_id": f"{number}",
            "customer_id": by,
            "posted_at": utc(when),
            "topic": (topic or {}).get(by),
            "reply_to_account_id": f"account of {to}",
        }
        for number, (by, to) in enumerate(pairs)
    ]
    accounts: Rows = [
        {"account_id": f"account of {name}", "customer_id": name, "handle": name} for name in people
    ]
    return {
        "posts": posts,
        "accounts": accounts,
        "customers": [{"customer_id": name} for name in people],
    }


def circles(
    rows: dict[str, Rows],
    *,
    before: Result | None = None,
    as_of: str = AS_OF,
    **wished: str,
) -> Result:
    tables = tables_of(ALGORITHM, rows)
    if before is not None:
        tables[REMEMBERED] = memory_of(before)
    return run_on(ALGORITHM, tables, settings=wished, as_of=utc(as_of))


def memory_of(result: Result) -> pa.Table:
    """Return what the graph would hold of a result, as the next run gets it back."""
    kinds = {p.name: ARROW_TYPES[p.kind] for p in ALGORITHM.properties["Customer"]}
    held = result.frames["Customer"][["customer_id", *ALGORITHM.remembers]]
    columns = [(name, kinds.get(name, pa.string())) for name in held.columns]
    return pa.Table.from_pandas(held, schema=pa.schema(columns), preserve_index=False)


def groups(result: Result) -> set[frozenset[object]]:
    """Return who is together with whom."""
    held = result.frames[MEMBERSHIP].groupby("end_id")["start_id"]
    return {frozenset(names) for _, names in held}


def circle_of(result: Result, customer_id: str) -> object:
    frame = result.frames["Customer"].set_index("customer_id")
    return frame.loc[customer_id, "circle_id"]


def events(result: Result) -> list[tuple[object, ...]]:
    return rows_of(result.frames["circle_events"], "circle_id", "event", "other_id", "people")
