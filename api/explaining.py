"""Why a customer has the scores that they have: each method says it from its own parts."""

import json
from collections.abc import Iterable

from algorithms.registry import REGISTRY, Registry
from api.profile import whereabouts
from api.scores import RUN, brief
from api.views import Ask, Row, View, instant, maps, plain, projection, row_of
from graph.errors import NotFoundError, some
from graph.language import Text
from graph.spec import GraphSpec, RelationshipSpec

KNOWN = """
MATCH (c:Customer {customer_id: $id})
CALL () {
  MATCH (r:AlgorithmRun {is_current: true}) WHERE r.kind = 'score'
  RETURN collect({run: RUN, metrics: r.metrics}) AS runs
}
RETURN VALUES AS known, LINKED AS linked, runs
"""


class NoSuchScoreError(NotFoundError):
    """No algorithm explains a score of this name."""

    text = Text(
        "Nothing explains {score!r}. These can be explained: {known}.",
        "没有可解释的分数 {score!r}。可解释的有：{known}。",
    )


def explanations(
    ask: Ask,
    customer_id: str,
    *,
    spec: GraphSpec,
    score: str | None = None,
    registry: Registry = REGISTRY,
) -> list[View]:
    """Explain the scores of one customer.

    Parameters
    ----------
    ask
        Asks the database.
    customer_id
        Whose.
    spec
        Facts and computed properties.
    score
        An algorithm, or one of its properties; None: all that can be explained.
    registry
        The algorithms that there are.

    Returns
    -------
    By algorithm that has said something of the customer since accounts last came or went:
    its name, a sentence or two, and the run with its grade.

    Raises
    ------
    NoSuchScoreError
        If nothing of that name can be explained.
    CustomerNotFoundError, CustomerRetiredError, CustomerMovedError
        If no customer stands under this id now.
    """
    names = _names(score, registry)
    properties = spec.nodes["Customer"].properties
    links = _links(registry)
    query = KNOWN.replace("VALUES", projection("c", properties)).replace("RUN,", f"{RUN},")
    rows = ask(query.replace("LINKED", _linked(links, spec)), {"id": customer_id})
    if not rows:
        raise whereabouts(ask, customer_id)
    held = row_of(rows[0]["known"])
    known = {p.name: plain(p, held.get(p.name)) for p in properties}
    known |= _nodes(links, row_of(rows[0].get("linked")), spec=spec)
    changed_at = instant(held.get("customer_changed_at"))
    said = []
    for row in maps(rows[0]["runs"]):
        run = brief(row_of(row["run"]))
        started_at = run["started_at"]
        is_old = bool(changed_at and started_at and changed_at > started_at)  # type: ignore[operator]
        if run["algorithm"] in names and not is_old:
            metrics = json.loads(str(row["metrics"] or "{}"))
            said += _said(registry, run, known=known, metrics=metrics)
    return sorted(said, key=lambda one: names.index(str(one["algorithm"])))


def _names(score: str | None, registry: Registry) -> list[str]:
    """Return the algorithms that are meant, in their declared order."""
    able = [a for a in registry if a.explain]
    if score is None:
        return [a.name for a in able]
    meant = [a.name for a in able if score in {a.name, *_owned(registry, a.name)}]
    if not meant:
        raise NoSuchScoreError(score=score, known=some([a.name for a in able]))
    return meant


def _links(registry: Registry) -> list[RelationshipSpec]:
    """Return how customers lead to nodes of algorithms that explain by them."""
    return [
        link
        for a in registry
        if a.explain
        for link in a.links
        if link.start == "Customer" and link.end in a.makes
    ]


def _linked(links: Iterable[RelationshipSpec], spec: GraphSpec) -> str:
    """Return the Cypher map of the nodes at the ends of ``links``, by type; names are declared."""
    parts = []
    for link in links:
        values = projection("n", spec.nodes[link.end].properties)
        parts.append(f"{link.type}: [(c)-[:{link.type}]->(n:{link.end}) | {values}]")
    return f"{{{', '.join(parts)}}}"


def _nodes(links: Iterable[RelationshipSpec], held: Row, *, spec: GraphSpec) -> View:
    """Return by type of link the nodes that a customer leads to, as the explainers get them."""
    return {
        link.type: [
            {p.name: plain(p, row.get(p.name)) for p in spec.nodes[link.end].properties}
            for row in maps(held.get(link.type))
        ]
        for link in links
    }


def _owned(registry: Registry, name: str) -> set[str]:
    return {p.name for p in registry.named(name).properties.get("Customer", ())}


def _said(registry: Registry, run: View, *, known: View, metrics: dict[str, object]) -> list[View]:
    """Return what an algorithm says of a customer; nothing where it has no score of theirs."""
    name = str(run["algorithm"])
    algorithm = registry.named(name)
    ends = {link.type for link in algorithm.links if link.end in algorithm.makes}
    has_score = any(known.get(p) is not None for p in _owned(registry, name))
    has_score |= any(known.get(end) for end in ends)
    if algorithm.explain is None or not has_score:
        return []
    text = algorithm.explain(known, metrics)
    return [{"algorithm": name, "text": str(text), "run": run}]
