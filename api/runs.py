"""Runs of algorithms: what was run, on what, with which result."""

import json

from api.pages import END_OF_TIME, Listing, Page, Part, read_part
from api.scores import RUN, brief
from api.views import Ask, Row, View, row_of
from graph.errors import NotFoundError
from graph.language import Text

JSON_FIELDS = ("parameters", "window", "counts", "metrics")
WHOLE_RUN = f"{RUN[:-1]}, .kind, .seconds, .is_current, .parameters, .window, .counts, .metrics}}"
RUNS = f"""
CALL () {{
  MATCH (r:AlgorithmRun)
  WHERE ($algorithm IS NULL OR r.algorithm = $algorithm)
    AND ($current IS NULL OR coalesce(r.is_current, false) = $current)
  WITH r, r.started_at.epochMillis AS at
  WHERE at < $after_at OR (at = $after_at AND r.run_id > $after_run_id)
  WITH r, at ORDER BY at DESC, r.run_id LIMIT $n
  RETURN collect({{at: at, run_id: r.run_id, run: {WHOLE_RUN}}}) AS items
}}
RETURN items
"""
ONE_RUN = f"MATCH (r:AlgorithmRun {{run_id: $id}}) RETURN {WHOLE_RUN} AS run"
CURRENT = f"MATCH (r:AlgorithmRun {{is_current: true}}) WHERE r.kind = 'score' RETURN {RUN} AS run"


class RunNotFoundError(NotFoundError):
    """No run has this id."""

    text = Text("There is no run {run_id}.", "没有运行记录 {run_id}。")


def runs(
    ask: Ask, *, page: Page, algorithm: str | None = None, current: bool | None = None
) -> Part:
    """Return runs, the latest first.

    Parameters
    ----------
    algorithm
        Of this one only; None: of all.
    current
        Only those whose results stand in the graph, or only the others; None: both.

    Raises
    ------
    CursorError
        If the cursor is not of this listing.
    """
    listing = Listing(
        scope=f"runs {algorithm} {current}",
        query=RUNS,
        keys=("at", "run_id"),
        start=(END_OF_TIME, ""),
    )
    about = {"algorithm": algorithm, "current": current}
    part = read_part(ask, listing, page=page, about=about, show=lambda item: _run(item["run"]))
    return part or Part(items=[], cursor=None)


def run(ask: Ask, run_id: str) -> View:
    """Return one run with everything noted of it.

    Raises
    ------
    RunNotFoundError
        If no run has this id.
    """
    rows = ask(ONE_RUN, {"id": run_id})
    if not rows:
        raise RunNotFoundError(run_id=run_id)
    return _run(rows[0]["run"])


def current_runs(ask: Ask) -> dict[str, View]:
    """Return the run whose results stand in the graph, by algorithm."""
    found = [row_of(row["run"]) for row in ask(CURRENT, {})]
    return {str(held["algorithm"]): brief(held) for held in found}


def _run(held: object) -> View:
    row: Row = row_of(held)
    parsed = {name: _parsed(row[name]) for name in JSON_FIELDS}
    return {**brief(row), **parsed}


def _parsed(text: object) -> object:
    return json.loads(text) if isinstance(text, str) else None
