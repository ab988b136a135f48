"""Who leads opinion: the list of a day, of a topic, beside that of another day; one person.

What the graph holds is the list of the last run with its usual parameters. Another topic,
window or day is computed on the spot, by the same method, and written nowhere.
"""

import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import TYPE_CHECKING, Literal

from algorithms.influence.declaration import ALGORITHM, PROPERTIES
from algorithms.influence.words import FLAGS, UNVALIDATED
from api.facets import consents
from api.profile import whereabouts
from api.scores import RUN, brief
from api.segments import NothingFoundError
from api.views import Ask, Row, View, maps, plain, projection, row_of
from graph.language import Text
from graph.settings import Settings

if TYPE_CHECKING:
    from graph.reader import Reader

Band = Literal["leader", "rising"]
Open = Callable[[], "Reader"]

SHOWN = {p.name: p for p in PROPERTIES}
COMPARED = 1_000
"""How far down the list of another day is looked for where somebody stood."""
MOST_DATES = 36
BESIDE = ("handle", "circle_id", "orders", "spend", "segment", "buying_repliers")
NOBODY: Row = {**dict.fromkeys(BESIDE), "consents": []}
LIST = f"""
MATCH (c:Customer)
WHERE c.influence_rank >= 1 AND ($band IS NULL OR c.influence_band = $band)
WITH c ORDER BY c.influence_rank LIMIT $k
RETURN collect({projection("c", PROPERTIES)[:-1]}, .customer_id}}) AS items
"""
CURRENT = f"""
MATCH (r:AlgorithmRun {{is_current: true, algorithm: 'influence'}}) WHERE r.kind = 'score'
RETURN {RUN} AS run, r.metrics AS metrics, r.parameters AS parameters
"""
ABOUT = """
UNWIND $ids AS id
MATCH (c:Customer {customer_id: id})
RETURN id,
       head(COLLECT {
         MATCH (c)<-[:RESOLVED_TO]-(a:Account) WHERE a.handle IS NOT NULL
         RETURN a.handle ORDER BY a.account_id LIMIT 1
       }) AS handle,
       c.circle_id AS circle_id, c.rfm_order_count AS orders, c.rfm_spend AS spend,
       c.rfm_segment AS segment,
       COUNT { (c)<-[:REPLIED_TO]-(o:Customer) WHERE o.rfm_order_count > 0 } AS buying_repliers,
       COLLECT {
         MATCH (c)<-[:RESOLVED_TO]-(:Account)-[:GAVE]->(s:Consent)
         RETURN s{.purpose, .channel, .granted, at: s.at.epochMillis}
       } AS consents
"""
ONE = f"""
MATCH (c:Customer {{customer_id: $id}})
RETURN {projection("c", PROPERTIES)[:-1]}, .customer_id}} AS person,
       COLLECT {{
         MATCH (c)<-[:REPLIED_TO]-(o:Customer) WHERE o.circle_id IS NOT NULL
         WITH o.circle_id AS circle_id, count(o) AS people
         RETURN {{circle_id: circle_id, people: people}} ORDER BY people DESC, circle_id LIMIT 20
       }} AS repliers
"""
BRIDGES = """
MATCH (c:Customer)-[:REPLIED_TO]-(o:Customer)
WHERE o.circle_id IN [$one, $other]
WITH c, count(DISTINCT CASE WHEN o.circle_id = $one THEN o END) AS in_one,
     count(DISTINCT CASE WHEN o.circle_id = $other THEN o END) AS in_other
WHERE in_one > 0 AND in_other > 0
WITH c, in_one, in_other, 2.0 * in_one * in_other / (in_one + in_other) AS strength
ORDER BY strength DESC, coalesce(c.influence_betweenness, 0.0) DESC, c.customer_id LIMIT $k
RETURN collect({customer_id: c.customer_id, circle_id: c.circle_id, in_one: in_one,
                in_other: in_other, strength: strength,
                betweenness: c.influence_betweenness}) AS items
"""


@dataclass(frozen=True, slots=True)
class Wish:
    """Which list: of a topic, a window, a day, a band; None stands for the usual."""

    k: int = 20
    topic: str | None = None
    window: int | None = None
    as_of: datetime | None = None
    band: Band | None = None

    @property
    def is_usual(self) -> bool:
        """Tell whether the graph holds the list."""
        return self.topic is None and self.window is None and self.as_of is None


def leaders(ask: Ask, wish: Wish, *, open_: Open, settings: Settings) -> View:
    """Return a list of leaders, with the run that it comes from and how good such lists were.

    Parameters
    ----------
    ask
        Asks the database.
    wish
        Which list.
    open_
        Opens a reader of the graph, for a list that has to be computed.
    settings
        The home.

    Returns
    -------
    ``run`` (None: computed on the spot), ``as_of``, ``notes``, ``grade`` in words, ``n``
    ranked people and ``items``, by rank.

    Raises
    ------
    NothingFoundError
        If influence has not run, or nobody was answered.
    """
    found = _held(ask, wish) if wish.is_usual else _computed(open_, wish, settings=settings)
    people = _about(ask, [str(item["customer_id"]) for item in found.items])
    items = [_item(item, found.metrics, about=people) for item in found.items]
    return {
        "run": found.run,
        "as_of": found.as_of,
        "n": found.metrics.get("n", 0),
        "notes": found.notes,
        "grade": graded(found.run, found.metrics),
        "items": items,
    }


def compared(now: View, then: View) -> View:
    """Return the list ``now`` with each one's rank ``then``, and who has left it since.

    Parameters
    ----------
    now
        A list.
    then
        That of another day, longer: who stood below its end then has a rank as well.
    """
    before = {item["customer_id"]: item["rank"] for item in _items(then)}
    after = {item["customer_id"] for item in _items(now)}
    items = [{**item, "rank_then": before.get(item["customer_id"])} for item in _items(now)]
    first = _items(then)[: len(items)]
    left = [item for item in first if item["customer_id"] not in after]
    return {**now, "items": items, "against": then["as_of"], "left": left}


def day_before(wish: Wish, against: datetime) -> Wish:
    """Return the wish for the same list of another day, long enough to compare with."""
    return replace(wish, as_of=against, k=max(wish.k, COMPARED))


def leader(ask: Ask, customer_id: str, *, settings: Settings) -> View:
    """Return one person: why they stand where they do, circles of who replied, former ranks.

    Raises
    ------
    NothingFoundError
        If influence has not run, or nobody answered the person.
    CustomerNotFoundError, CustomerRetiredError, CustomerMovedError
        If no customer stands under this id now.
    """
    rows = ask(ONE, {"id": customer_id})
    if not rows:
        raise whereabouts(ask, customer_id)
    found = _current(ask, Wish())
    person = row_of(rows[0]["person"])
    if person.get("influence_rank") is None:
        raise NothingFoundError(algorithm="influence", part=customer_id)
    about = _about(ask, [customer_id])
    item = _item(_plain(person), found.metrics, about=about)
    return {
        **item,
        "run": found.run,
        "grade": graded(found.run, found.metrics),
        "circles_of_repliers": maps(rows[0]["repliers"]),
        "trend": _trend(customer_id, settings=settings, parameters=found.parameters),
    }


def bridges(ask: Ask, one: str, *, other: str, k: int = 20) -> list[View]:
    """Return the people between two circles: who exchanges replies with most of both.

    The strength is the harmonic mean of how many people of either circle somebody exchanges
    replies with: a hundred of one and one of the other is no bridge.
    """
    rows = ask(BRIDGES, {"one": one, "other": other, "k": k})
    items = maps(rows[0]["items"]) if rows else []
    about = _about(ask, [str(item["customer_id"]) for item in items])
    return [{**item, "handle": about[str(item["customer_id"])]["handle"]} for item in items]


def graded(run: View | None, metrics: Mapping[str, object]) -> str:
    """Say how good such lists were: at past cuts, of the last run, or that nobody knows."""
    parts = []
    evaluation = row_of(run["evaluation"]) if run else {}
    means = row_of(row_of(evaluation.get("means")).get("influence_score"))
    for what, held in ((EVALUATED, means), (LAST, row_of(metrics.get("last_list")))):
        if held:
            told = [f"{held[f]:.3f} / {held[f'in_degree_{f}']:.3f}" for f in FIGURES]
            parts.append(str(what).format(*told))
    return "; ".join(parts) or str(UNVALIDATED)


FIGURES = ("ndcg_50", "precision_20", "share_50")
EVALUATED = Text(
    "at past cuts NDCG@50 {}, precision@20 {}, share@50 {} (by number of repliers behind /)",
    "历史截断点：NDCG@50 {}，前 20 准确率 {}，前 50 占比 {}（/ 后为按回复人数）",
)
LAST = Text(
    "the last list since: NDCG@50 {}, precision@20 {}, share@50 {}",
    "上期榜单：NDCG@50 {}，前 20 准确率 {}，前 50 占比 {}",
)


@dataclass(frozen=True)
class _Found:
    """A list before it is shown."""

    items: Sequence[Row]
    metrics: Mapping[str, object]
    run: View | None
    as_of: datetime | None
    notes: list[str]
    parameters: str = ""


def _held(ask: Ask, wish: Wish) -> _Found:
    rows = ask(LIST, {"k": wish.k, "band": wish.band})
    items = [_plain(item) for item in maps(rows[0]["items"])] if rows else []
    return _current(ask, wish, items=items)


def _current(ask: Ask, wish: Wish, *, items: Sequence[Row] = ()) -> _Found:
    """Return the current run with its metrics; raises `NothingFoundError` without one."""
    rows = ask(CURRENT, {})
    if not rows:
        raise NothingFoundError(algorithm="influence", part=wish.band or "leaders")
    run, metrics = brief(row_of(rows[0]["run"])), json.loads(str(rows[0]["metrics"] or "{}"))
    notes = [str(Text(**note)) for note in metrics.get("notes", [])]
    as_of = run["as_of"]
    at = as_of if isinstance(as_of, datetime) else None
    return _Found(items, metrics, run, at, notes, str(rows[0]["parameters"] or ""))


def _computed(open_: Open, wish: Wish, *, settings: Settings) -> _Found:
    """Compute a list that the graph does not hold; it is written nowhere."""
    import pyarrow.compute as pc

    from algorithms.run import Request, compute_all

    given = {"topic": wish.topic, "window_days": wish.window}
    overrides = {name: str(value) for name, value in given.items() if value is not None}
    request = Request(
        names=(ALGORITHM.name,),
        as_of=wish.as_of,
        overrides={ALGORITHM.name: overrides},
        dry_run=True,
    )
    computed = compute_all(open_(), request=request, settings=settings)
    (record,), table = computed.runs, computed.elements["Customer"]
    if wish.band:
        table = table.filter(pc.equal(table["influence_band"], wish.band))
    items = table.sort_by("influence_rank").slice(0, wish.k).to_pylist()
    return _Found(items, record.metrics, None, record.as_of, [str(n) for n in record.notes])


def _plain(item: Row) -> View:
    """Return a person of the graph with times as instants."""
    return {name: plain(SHOWN[name], v) if name in SHOWN else v for name, v in item.items()}


def _about(ask: Ask, ids: list[str]) -> dict[str, Row]:
    """Return what is shown of customers beside their scores, by id."""
    found = {str(row["id"]): row for row in ask(ABOUT, {"ids": ids})}
    return {name: found.get(name, NOBODY) for name in ids}


def _item(item: Row, metrics: Mapping[str, object], *, about: Mapping[str, Row]) -> View:
    """Show one person of a list."""
    held = {name.removeprefix("influence_"): value for name, value in item.items()}
    known = about[str(item["customer_id"])]
    assert ALGORITHM.explain is not None  # so it is declared
    flags = item.get("influence_flags")
    return {
        **held,
        **{name: known[name] for name in BESIDE},
        "flags": flags or [],
        "warnings": [str(FLAGS[str(f)]) for f in (flags if isinstance(flags, list) else [])],
        "explanation": str(ALGORITHM.explain(item, metrics)),
        "consents": consents(maps(known["consents"])),
    }


def _items(found: View) -> list[Row]:
    return maps(found["items"])


def _trend(customer_id: str, *, settings: Settings, parameters: str) -> list[View]:
    """Return what earlier runs with the same parameters said of a person, by date."""
    import pyarrow.parquet as pq

    from algorithms.recalling import runs_of

    columns = ["influence_rank", "influence_score"]
    found: dict[datetime, View] = {}
    same = [run for run in runs_of(ALGORITHM.name, settings) if run[2] == parameters]
    for at, folder, _ in sorted(same)[-MOST_DATES:]:
        only = [("customer_id", "=", customer_id)]
        rows = pq.read_table(folder / "Customer.parquet", columns=columns, filters=only)
        for row in rows.to_pylist():
            found[at] = {"as_of": at, "rank": row[columns[0]], "score": row[columns[1]]}
    return [found[at] for at in sorted(found)]
