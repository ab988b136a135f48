"""``kith evaluate influence``: lists of leaders judged by who was answered, and attacked."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from api.output import emit_json, emit_table, say
from api.runtime import database, writing_database
from graph.language import Text

if TYPE_CHECKING:
    from algorithms.influence.attacks import Moved
    from algorithms.influence.evaluation import Graded, Plan
    from algorithms.influence.grading import CutGrade, Verdict
    from graph.settings import Settings

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
    from algorithms.influence.grading import OURS, means_of, verdicts

    cuts = list(found.cuts)
    head = [str(CUT), str(ANSWERED), str(HALF_LIFE), *(str(name) for name in FIGURES.values())]
    emit_table(head, [_cut(one, at=found.at(one.cut)[:10]) for one in cuts])
    say(str(BEHIND))
    means, names = means_of(cuts), list(cuts[0].lists) if cuts else []
    figures = {**FIGURES, "rising_average_precision": RISING}
    against = {one.baseline: one for one in verdicts(cuts)}
    cells: list[list[object]] = []
    for name in names:
        prefix = "" if name == OURS else f"{name}_"
        verdict = against.get(name)
        values = (means.get(prefix + figure) for figure in figures)
        cells.append([name, *map(_short, values), *(_told(verdict) if verdict else [None] * 3)])
    title = str(Text("means over the cuts", "各截断点均值"))
    emit_table([str(of) for of in (MEASURE, *figures.values(), *AGAINST)], cells, title=title)


FIGURES: Final[Mapping[str, Text]] = {
    "ndcg_50": Text("NDCG@50", "NDCG@50"),
    "precision_20": Text("precision@20", "前 20 准确率"),
    "share_50": Text("share@50", "前 50 占比"),
}
CUT, ANSWERED = Text("cut", "截断点"), Text("answered after", "其后得到回复")
HALF_LIFE, RISING = Text("half-life", "半衰期"), Text("rising", "新星")
MEASURE = Text("measure", "方法")
AGAINST: Final = (Text("gain", "优势"), Text("wins", "胜"), Text("p", "p"))
BEHIND: Final = Text(
    "in brackets by the number of repliers (in_degree); half-life in days",
    "括号内为按回复人数（in_degree）；半衰期单位为天",
)


def _cut(one: "CutGrade", *, at: str) -> list[object]:
    """Return the cells of one cut: the score's figures, behind them those of the baseline."""
    from algorithms.influence.grading import BASELINE, OURS

    pairs = ([getattr(one.lists[name], f) for name in (OURS, BASELINE)] for f in FIGURES)
    told = (f"{ours:.3f} ({theirs:.3f})" for ours, theirs in pairs)
    return [at, f"{one.n_drawn:,} / {one.n:,}", f"{one.half_life:,.0f}", *told]


def _told(verdict: "Verdict") -> list[object]:
    p = verdict.p_value
    wins = f"{verdict.wins}/{verdict.cuts}"
    return [_short(verdict.gain), wins, None if p is None else float(f"{p:.1g}")]


def _short(value: float | None) -> float | None:
    """Round what is compared: further digits are noise."""
    return None if value is None else round(value, 3)


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
