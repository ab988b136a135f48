"""``kith evaluate influence``: lists of leaders judged by who was answered, and attacked."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING

from api.output import emit_json, emit_table, say
from api.runtime import database, writing_database
from graph.language import Text

if TYPE_CHECKING:
    from algorithms.influence.attacks import Moved
    from algorithms.influence.evaluation import Graded, Plan
    from graph.settings import Settings

SHOWN = ("ndcg_50", "precision_20", "share_50")
FORMS = ("rule", "strict", "floor", "untrusted", "in_degree", "replies", "pagerank")


@dataclass(frozen=True)
class Asked:
    """What somebody wants to know; None stands for the usual number."""

    cuts: int | None
    horizon: int | None
    values: Mapping[str, str]
    attacks: bool = False


def is_by_replies(name: str) -> bool:
    """Tell whether an algorithm is judged by who is answered, not by who buys."""
    from algorithms.registry import REGISTRY

    return any(score.outcome == "repliers" for score in REGISTRY.named(name).graded)


def judge(settings: "Settings", asked: Asked, *, as_json: bool) -> None:
    """Grade the score of attention, or try to cheat it, and print what came of it."""
    from algorithms.influence import evaluation
    from api.pipeline import graph_reader

    plan = _plan(asked)
    if asked.attacks:
        with database(settings) as opened:
            reader = graph_reader(opened, settings)
            moved = evaluation.attack(reader, plan, settings=settings)
        _show_attacks(moved, as_json=as_json)
        return
    with writing_database(settings) as opened:
        reader = graph_reader(opened, settings)
        found, record = evaluation.recorded(opened, plan, reader=reader, settings=settings)
    if as_json:
        emit_json({"run_id": record.run_id, "algorithm": record.algorithm, **found.metrics()})
        return
    show(found)
    say(str(Text(f"kept as run {record.run_id}", f"已记录为运行 {record.run_id}")))


def _plan(asked: Asked) -> "Plan":
    from algorithms.influence.evaluation import CUTS, HORIZON_DAYS, Plan

    return Plan(asked.cuts or CUTS, asked.horizon or HORIZON_DAYS, asked.values)


def show(found: "Graded") -> None:
    """Print the grades: by cut, then on the mean beside the baselines with their p-values."""
    from algorithms.influence.grading import BASELINE, OURS, means_of, verdicts

    cuts = list(found.cuts)
    rows = [
        [found.at(one.cut)[:10], one.n, one.n_drawn]
        + [getattr(one.lists[name], figure) for figure in SHOWN for name in (OURS, BASELINE)]
        for one in cuts
    ]
    head = [f"{figure} {name}" for figure in SHOWN for name in (OURS, BASELINE)]
    emit_table(["cut", "people", "answered after", *head], rows)
    means, names = means_of(cuts), list(cuts[0].lists) if cuts else []
    figures = (*SHOWN, "rising_average_precision")
    against = {one.baseline: one for one in verdicts(cuts)}
    cells: list[list[object]] = []
    for name in names:
        prefix = "" if name == OURS else f"{name}_"
        verdict = against.get(name)
        told = [verdict.gain, f"{verdict.wins}/{verdict.cuts}", verdict.p_value] if verdict else []
        cells.append([name, *(means.get(prefix + f) for f in figures), *(told or [None] * 3)])
    title = str(Text("means over the cuts", "各截断点均值"))
    emit_table(["measure", *figures, "gain", "wins", "p"], cells, title=title)


def _show_attacks(moved: "list[Moved]", *, as_json: bool) -> None:
    rows = [
        {
            "attack": one.attack.code,
            "about": str(one.attack.about),
            "people": one.n,
            "before": dict(one.before),
            "after": dict(one.after),
            "change_strict": one.change("strict"),
        }
        for one in moved
    ]
    if as_json:
        emit_json(rows)
        return
    cells = [
        [
            str(one.attack.about),
            *(_move(one, form) for form in FORMS),
            f"{one.change('strict'):.1%}",
        ]
        for one in moved
    ]
    emit_table(["attack", *FORMS, "strict moves"], cells)


def _move(moved: "Moved", form: str) -> str:
    """Write the ranks before and after an attack."""
    return f"{moved.before[form]:g} → {moved.after[form]:g}"
