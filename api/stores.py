"""One store: what is known of it, and what was worked out."""

from api.scores import CURRENT_RUNS, scores
from api.views import Ask, View, facts_of, maps, projection, row_of, shown
from graph.errors import NotFoundError
from graph.language import Text
from graph.spec import GraphSpec

STORE = "MATCH (s:Store {store_id: $id})"


class StoreNotFoundError(NotFoundError):
    """No store has this key."""

    text = Text("There is no store {store_id}.", "没有门店 {store_id}。")


def store(ask: Ask, store_id: str, *, spec: GraphSpec) -> View:
    """Read one store with its scores and the runs that they come from.

    Raises
    ------
    StoreNotFoundError
        If no store has this id.
    """
    properties = spec.nodes["Store"].properties
    returned = f"RETURN {projection('s', properties)} AS store, runs"
    rows = ask(f"{STORE}{CURRENT_RUNS}\n{returned}", {"id": store_id})
    if not rows:
        raise StoreNotFoundError(store_id=store_id)
    held = row_of(rows[0]["store"])
    return {
        "store_id": store_id,
        "facts": shown(facts_of(spec, "Store"), held),
        "scores": scores(properties, held, runs=maps(rows[0]["runs"])),
    }
