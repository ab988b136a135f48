"""Groups of customers: which there are, who is in one; and the parts of a run that pages show."""

import json
from collections.abc import Mapping

from api.pages import Listing, Page, Part, read_part
from api.scores import RUN, brief
from api.views import Ask, Row, View, instant, row_of
from graph.errors import NotFoundError
from graph.language import Text

SEGMENTS = """
MATCH (s:Segment)
WITH s ORDER BY s.scheme, s.name
RETURN collect(s{.scheme, .name, .label_en, .label_zh, .n, .profile}) AS items
"""
# PROPERTY is a scheme that an algorithm declares, never a request's own text
MEMBERS = """
CALL () {
  MATCH (c:Customer {PROPERTY: $name})
  WHERE c.customer_id > $after_customer_id
  WITH c ORDER BY c.customer_id LIMIT $n
  OPTIONAL MATCH (c)-[r:IN_SEGMENT]->(:Segment {segment_id: $segment_id})
  RETURN collect({customer_id: c.customer_id, since: r.since.epochMillis,
                  previous: r.previous}) AS items
}
RETURN items
"""
CURRENT = f"""
MATCH (r:AlgorithmRun {{is_current: true, algorithm: $algorithm}}) WHERE r.kind = 'score'
RETURN {RUN} AS run, r.metrics AS metrics
"""
ALERTS = """
CALL () {
  MATCH (c:Customer)-[:HAS_ALERT]->(a:Alert)
  WHERE a.alert_id > $after_alert_id AND ($rule IS NULL OR a.rule = $rule)
    AND ($open IS NULL OR (a.closed_at IS NULL) = $open)
  WITH c, a ORDER BY a.alert_id LIMIT $n
  RETURN collect({alert_id: a.alert_id, customer_id: c.customer_id, rule: a.rule,
                  opened_at: a.opened_at.epochMillis, closed_at: a.closed_at.epochMillis,
                  evidence: a.evidence}) AS items
}
RETURN items
"""


class SegmentNotFoundError(NotFoundError):
    """No scheme has a segment of this name."""

    text = Text(
        "There is no segment {name} of {scheme}. GET /v1/segments lists them.",
        "方案 {scheme} 中没有分群 {name}。GET /v1/segments 可列出全部分群。",
    )


class NothingFoundError(NotFoundError):
    """An algorithm has not run, or its run says nothing of what was asked."""

    text = Text(
        "{algorithm} has said nothing of {part} yet. Run kith score {algorithm}.",
        "{algorithm} 尚未给出 {part}。请运行 kith score {algorithm}。",
    )


def segments(ask: Ask) -> list[View]:
    """Return all segments by scheme and name, each with its number of customers."""
    rows = ask(SEGMENTS, {})
    found = rows[0]["items"] if rows else []
    assert isinstance(found, list)  # so it was collected
    return [_segment(row_of(item)) for item in found]


def members(ask: Ask, segment: tuple[str, str], *, schemes: frozenset[str], page: Page) -> Part:
    """Return who is in a segment, by customer id.

    Parameters
    ----------
    segment
        Scheme and name.
    schemes
        The schemes that algorithms declare.

    Raises
    ------
    SegmentNotFoundError
        If there is no such scheme, or it has no segment of this name.
    CursorError
        If the cursor is not of this listing.
    """
    scheme, name = segment
    known = {(one["scheme"], one["name"]) for one in segments(ask)} if scheme in schemes else set()
    if segment not in known:
        raise SegmentNotFoundError(scheme=scheme, name=name)
    listing = Listing(
        scope=f"members of {scheme} {name}",
        query=MEMBERS.replace("PROPERTY", scheme),
        keys=("customer_id",),
        start=("",),
    )
    about = {"name": name, "segment_id": f"{scheme}:{name}"}
    part = read_part(ask, listing, page=page, about=about, show=_member)
    return part or Part(items=[], cursor=None)


def alerts(ask: Ask, *, page: Page, rule: str | None, is_open: bool | None) -> Part:
    """Return alerts by their ids: of one rule, open or closed, or all; raises `CursorError`."""
    listing = Listing(
        scope=f"alerts {rule} {is_open}", query=ALERTS, keys=("alert_id",), start=("",)
    )
    about = {"rule": rule, "open": is_open}
    part = read_part(ask, listing, page=page, about=about, show=_alert)
    return part or Part(items=[], cursor=None)


def found_by(ask: Ask, algorithm: str, *, part: str, within: str = "") -> View:
    """Return a part of the metrics of an algorithm's current run, with the run.

    Parameters
    ----------
    part
        The name of the metric; empty: all of them.
    within
        One entry of it; empty: all of it.

    Raises
    ------
    NothingFoundError
        If there is no such run, or it does not tell that.
    """
    rows = ask(CURRENT, {"algorithm": algorithm})
    metrics = json.loads(str(rows[0]["metrics"] or "{}")) if rows else {}
    found = metrics.get(part) if part else metrics
    if within:
        found = found.get(within) if isinstance(found, Mapping) else None
    if not found:
        raise NothingFoundError(algorithm=algorithm, part=within or part or "its model")
    notes = [str(Text(**note)) for note in metrics.get("notes", [])]
    return {"run": brief(row_of(rows[0]["run"])), "notes": notes, "found": found}


def _segment(held: Row) -> View:
    label = Text(str(held["label_en"]), str(held["label_zh"]))
    profile = json.loads(str(held["profile"] or "{}"))
    kept = {name: held[name] for name in ("scheme", "name", "n")}
    return {**kept, "label": str(label), "profile": profile}


def _member(item: Row) -> View:
    return {**item, "since": instant(item["since"])}


def _alert(item: Row) -> View:
    evidence = item["evidence"]
    return {
        **item,
        "opened_at": instant(item["opened_at"]),
        "closed_at": instant(item["closed_at"]),
        "evidence": json.loads(str(evidence)) if evidence else None,
    }
