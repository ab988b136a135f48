"""Circles: which there are, who is in one as what, and what became of them between two dates.

What stands is in the graph. What was lies in the files of the runs, one folder a run: events of
all dates, and who was where at an earlier one.
"""

from collections.abc import Iterable, Iterator
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, Final

from algorithms.circles.declaration import EVENTS, OF_CIRCLES, OWNER
from algorithms.recalling import runs_of
from api.pages import Listing, Page, Part, read_part
from api.views import Ask, Row, View, maps, plain, projection, row_of
from graph.errors import NotFoundError
from graph.language import Text
from graph.settings import Settings

if TYPE_CHECKING:
    import pyarrow as pa

SHOWN: Final = {p.name: p for p in OF_CIRCLES}
BILINGUAL: Final = ("label", "about")
CIRCLE: Final = f"{projection('g', OF_CIRCLES)[:-1]}, .circle_id}}"
CIRCLES: Final = f"""
CALL () {{
  MATCH (g:Circle)
  WHERE g.size < $after_size OR (g.size = $after_size AND g.circle_id > $after_circle_id)
  WITH g ORDER BY g.size DESC, g.circle_id LIMIT $n
  RETURN collect({CIRCLE}) AS items
}}
RETURN items
"""
ONE: Final = f"MATCH (g:Circle {{circle_id: $id}}) RETURN {CIRCLE} AS circle"
MEMBERS: Final = """
MATCH (c:Customer)-[m:MEMBER_OF]->(:Circle {circle_id: $id})
WITH c, m ORDER BY coalesce(c.influence_score, 0.0) DESC, m.strength DESC, c.customer_id LIMIT $k
RETURN collect({
  customer_id: c.customer_id, role: m.role, strength: m.strength, since: m.since.epochMillis,
  influence_rank: c.influence_rank, influence_score: c.influence_score,
  handle: head(COLLECT {
    MATCH (c)<-[:RESOLVED_TO]-(a:Account) WHERE a.handle IS NOT NULL
    RETURN a.handle ORDER BY a.account_id LIMIT 1
  })
}) AS items
"""
NO_SIZE: Final = 2**62
MOST_LEADERS: Final = 5
MOST_RUNS: Final = 120


class CircleNotFoundError(NotFoundError):
    """No circle has this id now."""

    text = Text(
        "There is no circle {circle_id}; it may have merged or ended. GET /v1/circles lists those "
        "there are.",
        "没有圈子 {circle_id}，它可能已合并或消失。GET /v1/circles 可列出现有圈子。",
    )


class NoCirclesThenError(NotFoundError):
    """No run of that date, or before, is on file."""

    text = Text(
        "No circles of {at} or before are on file in this home. The earliest are of {first}.",
        "本数据主目录没有 {at} 或更早的圈子记录。最早为 {first}。",
    )


def circles(ask: Ask, *, page: Page) -> Part:
    """Return circles, the largest first; raises `CursorError`."""
    listing = Listing(
        scope="circles", query=CIRCLES, keys=("size", "circle_id"), start=(NO_SIZE, "")
    )
    return read_part(ask, listing, page=page, about={}, show=_circle) or Part([], None)


def circle(ask: Ask, circle_id: str, *, settings: Settings, k: int = 100) -> View:
    """Return one circle: figures, its leaders, ``k`` of its members, and what became of it.

    Members stand by attention, then by how firmly they belong; leaders are the first of those
    whom anybody answered.

    Raises
    ------
    CircleNotFoundError
        If there is none of this id now; where it went is then among the events of others.
    """
    rows = ask(ONE, {"id": circle_id})
    if not rows:
        raise CircleNotFoundError(circle_id=circle_id)
    found = _circle(row_of(rows[0]["circle"]))
    members = [
        _member(row_of(m))
        for r in ask(MEMBERS, {"id": circle_id, "k": k})
        for m in maps(r["items"])
    ]
    led = [m for m in members if m["influence_rank"] is not None][:MOST_LEADERS]
    return {
        **found,
        "n_members": found["size"],
        "top": [m["customer_id"] for m in led] or found["leaders"],
        "members": members,
        "history": list(history(circle_id, settings=settings)),
    }


def history(circle_id: str, *, settings: Settings) -> Iterator[View]:
    """Return what happened to a circle, or to others with it, the earliest first."""
    for _, folder in _runs(settings)[-MOST_RUNS:]:
        for row in _events(folder):
            if circle_id in (row["circle_id"], row["other_id"]):
                yield row


def changes(settings: Settings, *, since: datetime, until: datetime | None = None) -> View:
    """Compare the circles of two dates.

    Parameters
    ----------
    since, until
        Of each the last run of that date or before; None: the latest there is.

    Returns
    -------
    ``since`` and ``until`` of the runs; ``agreement`` (adjusted Rand index) over ``n`` people
    in a circle at both; ``circles`` with their sizes at both; ``moves`` of people from one
    circle (None: none) to another, the most first; ``events`` in between.

    Raises
    ------
    NoCirclesThenError
        If no run is as old.
    """
    runs = _runs(settings)
    first, last = _run_at(runs, since), _run_at(runs, until)
    meet = list(_meetings(_people(first[1]), _people(last[1])))
    between = [folder for at, folder in runs if first[0] < at <= last[0]]
    return {
        "since": first[0],
        "until": last[0],
        **_agreement(meet),
        "circles": _sizes(meet),
        "moves": [row for row in meet if row["before"] != row["now"]],
        "events": [event for folder in between for event in _events(folder)],
    }


def _circle(held: Row) -> View:
    """Show a circle, its name and figures in the current language."""
    found = {name: plain(SHOWN[name], v) if name in SHOWN else v for name, v in held.items()}
    for name in BILINGUAL:
        found[name] = str(Text(str(found.pop(f"{name}_en")), str(found.pop(f"{name}_zh"))))
    lists = {name: found[name] or [] for name in ("terms", "categories", "leaders")}
    return {**found, **lists}


def _member(item: Row) -> View:
    return {**item, "since": plain(SHOWN["born_at"], item["since"])}


def _runs(settings: Settings) -> list[tuple[datetime, Path]]:
    """Return the runs on file, by their instant; of several of one instant the last started."""
    found = {at: folder for at, folder, _ in runs_of(OWNER, settings)}
    return sorted(found.items())


def _run_at(runs: list[tuple[datetime, Path]], at: datetime | None) -> tuple[datetime, Path]:
    before = [run for run in runs if at is None or run[0] <= at]
    if not before:
        first = f"{runs[0][0]:%Y-%m-%d}" if runs else "-"
        raise NoCirclesThenError(at=f"{at:%Y-%m-%d}" if at else "-", first=first)
    return before[-1]


def _events(folder: Path) -> list[View]:
    import pyarrow.parquet as pq

    file = folder / f"{EVENTS.name}.parquet"
    return pq.read_table(file).to_pylist() if file.exists() else []


def _people(folder: Path) -> "pa.Table":
    import pyarrow.compute as pc
    import pyarrow.parquet as pq

    rows = pq.read_table(folder / "Customer.parquet", columns=["customer_id", "circle_id"])
    return rows.filter(pc.is_valid(rows["circle_id"]))


def _meetings(before: "pa.Table", now: "pa.Table") -> Iterator[View]:
    """Return how many people are in which circle at both dates, the most first."""
    joined = before.rename_columns(["customer_id", "before"]).join(
        now.rename_columns(["customer_id", "now"]), "customer_id", join_type="full outer"
    )
    counted = joined.group_by(["before", "now"]).aggregate([("customer_id", "count")])
    rows = counted.rename_columns(["before", "now", "people"]).to_pylist()
    yield from sorted(rows, key=lambda r: (-r["people"], r["before"] or "", r["now"] or ""))


def _agreement(meet: Iterable[View]) -> View:
    """Return the adjusted Rand index of who was in a circle at both dates; None: too few."""
    import numpy as np

    from algorithms.network.partitions import adjusted_rand

    both = [row for row in meet if row["before"] and row["now"]]
    people = [int(str(row["people"])) for row in both]
    names = ([str(row[side]) for row in both] for side in ("before", "now"))
    labels = [np.unique(side, return_inverse=True)[1].astype(np.int64) for side in names]
    n = sum(people)
    spread = [np.repeat(side, people) for side in labels]
    return {"n": n, "agreement": adjusted_rand(spread[0], spread[1]) if n > 1 else None}


def _sizes(meet: Iterable[View]) -> list[View]:
    sizes: dict[str, dict[str, int]] = {}
    for row in meet:
        for side in ("before", "now"):
            if row[side]:
                of_one = sizes.setdefault(str(row[side]), {"before": 0, "now": 0})
                of_one[side] += int(str(row["people"]))
    return [{"circle_id": name, **sizes[name]} for name in sorted(sizes)]
