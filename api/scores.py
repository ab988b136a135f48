"""What algorithms say of one node, by algorithm, with the run it comes from.

A score without its run and date is a rumour; and after accounts came or went, what an
earlier run said of the customer is no longer said of the same person.
"""

import json
from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from typing import Literal

from api.views import Row, View, by_owner, instant, shown
from graph.language import Text
from graph.spec import PropertySpec

State = Literal["scored", "absent", "not-scored-since-merge", "not-run"]

RUN = """r{.run_id, .algorithm, .version, .evaluation, as_of: r.as_of.epochMillis,
  started_at: r.started_at.epochMillis}"""
CURRENT_RUNS = f"""
CALL () {{
  MATCH (r:AlgorithmRun {{is_current: true}}) WHERE r.kind = 'score'
  RETURN collect({RUN}) AS runs
}}"""

NOTES: Mapping[State, Text] = {
    "scored": Text("Worked out by this run", "由此次运行得出"),
    "absent": Text(
        "The run says nothing here: too little is known", "已知信息不足，此次运行未给出结果"
    ),
    "not-scored-since-merge": Text(
        "Not scored since the merge: accounts came or went after the run",
        "合并后尚未评分：账户在此次运行之后有变动",
    ),
    "not-run": Text("The algorithm has not run yet", "该算法尚未运行"),
}


def scores(
    properties: Iterable[PropertySpec],
    held: Row,
    *,
    runs: Sequence[Row],
    changed_at: datetime | None = None,
) -> View:
    """Group the computed values of a node by algorithm.

    Parameters
    ----------
    properties
        All properties of its label; facts are passed over.
    held
        Their values as ``projection`` returned them.
    runs
        The current runs, as ``CURRENT_RUNS`` returns them.
    changed_at
        When accounts of the customer last came or went; None for other nodes.

    Returns
    -------
    By algorithm: ``state``, the same as a ``note`` in words, ``run`` and ``values``. Values
    older than the last change are withheld.
    """
    run_of = {str(run["algorithm"]): brief(run) for run in runs}
    said = {}
    for owner, owned in by_owner(properties).items():
        run = run_of.get(owner)
        state = _state(run, changed_at, known=any(held.get(p.name) is not None for p in owned))
        values = held if state == "scored" else {}
        said[owner] = {
            "state": state,
            "note": str(NOTES[state]),
            "run": run,
            "values": shown(owned, values),
        }
    return dict(said)


def brief(run: Row) -> View:
    """Return a run's name and dates, and how its scores did at past cuts."""
    graded = run.get("evaluation")
    return {
        **run,
        "as_of": instant(run["as_of"]),
        "started_at": instant(run["started_at"]),
        "evaluation": json.loads(str(graded)) if graded else None,
    }


def _state(run: View | None, changed_at: datetime | None, *, known: bool) -> State:
    if run is None:
        return "not-run"
    started_at = run["started_at"]
    if changed_at and isinstance(started_at, datetime) and changed_at > started_at:
        return "not-scored-since-merge"
    return "scored" if known else "absent"
