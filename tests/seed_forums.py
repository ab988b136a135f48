"""Small forums of which the best seeds are plain to see, and how to ask for a plan of them."""

from collections.abc import Mapping, Sequence
from types import MappingProxyType

from algorithms.contract import Result
from algorithms.seeds import ALGORITHM
from api.views import Row
from tests.pure import Rows, result_of, utc

FAST = {"sets": "20000", "simulations": "20"}
CONSENT = {"purpose": "marketing", "channel": None, "granted": True, "at": 1_767_225_600_000}


def forum(
    replies: list[tuple[str, str, int]],
    known: Mapping[str, Mapping[str, object]] = MappingProxyType({}),
    *,
    days: int = 20,
) -> dict[str, Rows]:
    """Return posts in which people name whom they answer, so many times each, day by day."""
    names = sorted({name for by, to, _ in replies for name in (by, to)})
    written = [(by, to) for by, to, n in replies for _ in range(n)]
    return {
        "accounts": [{"account_id": f"a-{name}", "customer_id": name} for name in names],
        "customers": [{"customer_id": name, **known.get(name, {})} for name in names],
        "posts": [
            {
                "post_id": f"p{place:05d}",
                "customer_id": by,
                "posted_at": utc(f"2026-01-{1 + place % days:02d}"),
                "reply_to_account_id": f"a-{to}",
            }
            for place, (by, to) in enumerate(written)
        ],
    }


def two_crowds() -> list[tuple[str, str, int]]:
    """Return replies of nine people to ``star``, and of four of others to ``moon``."""
    to_star = [(f"s{i}", "star", 1) for i in range(9)]
    to_moon = [(f"m{i}", "moon", 1) for i in range(4)]
    return [*to_star, *to_moon]


def planned(rows: dict[str, Rows], **wished: str) -> Result:
    return result_of(ALGORITHM, rows, settings={**FAST, **wished})


def order_of(result: Result) -> list[str]:
    frame = result.frames["Customer"].sort_values("seeds_order")
    return frame["customer_id"].astype(str).tolist()


def words(result: Result) -> str:
    return " | ".join(note.en for note in result.notes)


def lists(result: Result) -> dict[str, dict[str, float]]:
    found = result.metrics["lists"]
    assert isinstance(found, dict)
    return found


def hidden_leader() -> list[tuple[str, str, int]]:
    """Return a chain: twelve follow ``second``, who follows ``first`` alone; five busy decoys.

    Each decoy is answered by eleven who answer everybody else as well.
    """
    followers = [(f"f{i:02d}", "second", 1) for i in range(12)]
    noise = [(f"n{i:02d}", to, 1) for i in range(13) for to in ("d1", "d2", "d3", "d4", "d5")]
    return [*followers, ("second", "first", 1), *noise]


class PlanGraph:
    """Answers what a plan asks of the graph: who somebody is, and how a product spreads."""

    def __init__(self, **diffusion: tuple[float, float]) -> None:
        self.diffusion = diffusion

    def __call__(self, query: str, parameters: Mapping[str, object]) -> Sequence[Row]:
        if "diffusion_p" in query:
            known = self.diffusion.get(str(parameters["id"]))
            return [{"p": known[0], "q": known[1]}] if known else [{"p": None, "q": None}]
        ids = parameters["ids"]
        assert isinstance(ids, list)
        return [{"id": i, "handle": f"~{i}", "circle_id": "k1", "consents": [CONSENT]} for i in ids]
