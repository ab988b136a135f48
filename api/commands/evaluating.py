"""``kith evaluate``: how good what was learned is, held against what is known to be true."""

from collections.abc import Iterator, Sequence
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from api.commands.grading import ByName, score
from api.commands.options import AsJson
from api.output import emit_json, emit_table, say
from api.runtime import database, settings_of_call
from graph.language import Text

if TYPE_CHECKING:
    from algorithms.identity.evaluation import BCubed, Grades, Pairs, Share
    from algorithms.identity.grading import Coverage, Evaluation, Moved
    from algorithms.identity.slices import Slice
    from algorithms.identity.truth import Truth
    from graph.settings import Settings

Figure = tuple[Text, float | None, str]
Truths = Annotated[
    Path | None,
    typer.Option(
        "--truth",
        help="CSV or Parquet with account_id,person; default: the demo company's own.",
    ),
]

SLICES = {
    "source_pairs": Text("by the sources of both accounts", "按两账户的来源"),
    "rules": Text(
        "by the rule that joined an account: pairs as these accounts see them",
        "按账户的合并依据：从这些账户看到的对",
    ),
    "household_sizes": Text(
        "by persons in the household: pairs as their accounts see them",
        "按家庭人数：从其账户看到的对",
    ),
}


def register(app: typer.Typer) -> None:
    """Add the commands of this group."""
    group = typer.Typer(
        cls=ByName,
        help="Measure what was learned: identity against a truth, any other NAME against "
        "what customers did after past cuts.",
        no_args_is_help=True,
    )
    group.command("identity")(identity)
    group.command("score")(score)
    app.add_typer(group, name="evaluate")


def identity(truth: Truths = None, *, as_json: AsJson = False) -> None:
    """Compare who is one customer with who really is one person."""
    from algorithms.identity.truth import demo_truth, read_truth

    settings = settings_of_call()
    known = read_truth(truth or demo_truth(settings))
    found, moved = _evaluated(settings, known)
    if as_json:
        emit_json(as_document(found, known.path, moved=moved))
    else:
        show(found, known.path, moved=moved)


def _evaluated(settings: "Settings", truth: "Truth") -> "tuple[Evaluation, Moved | None]":
    from algorithms.identity.grading import evaluate_graph, last_moves
    from api.pipeline import graph_reader
    from graph.secret import read_secret

    with database(settings) as opened:
        reader = graph_reader(opened, settings)
        return evaluate_graph(reader, truth, secret=read_secret(settings)), last_moves(reader)


def as_document(found: "Evaluation", path: Path, *, moved: "Moved | None") -> dict[str, object]:
    """Return an evaluation as JSON has it: counts, then every figure with what it rests on."""
    grades = found.grades
    return {
        "run_id": moved.run_id if moved else None,
        "resolved_at": moved.at if moved else None,
        "truth": str(path),
        "coverage": asdict(found.coverage),
        "n_clusters": grades.n_clusters,
        "n_persons": grades.n_persons,
        "pairs": _pairs(grades.pairs),
        "bcubed": _bcubed(grades.bcubed),
        "largest": asdict(grades.largest) if grades.largest else None,
        "over_merged_persons": _share(grades.over_merged),
        "fragmented_persons": _share(grades.fragmented),
        "exact_clusters": _share(grades.exact),
        "oracle_recall": _share(grades.oracle),
        "oracle_f1": grades.oracle_f1,
        "household_precision": _share(grades.household),
        "id_churn": _share(moved.churn if moved else None),
        "slices": {name: [_slice(s) for s in getattr(found, name)] for name in SLICES},
    }


def _share(share: "Share | None") -> dict[str, object] | None:
    return None if share is None else {**asdict(share), "value": share.value}


def _pairs(pairs: "Pairs") -> dict[str, object]:
    figures = {"precision": pairs.precision, "recall": pairs.recall, "f1": pairs.f1}
    return {**asdict(pairs), **figures}


def _bcubed(bcubed: "BCubed | None") -> dict[str, object] | None:
    return None if bcubed is None else {**asdict(bcubed), "f1": bcubed.f1}


def _slice(of: "Slice") -> dict[str, object]:
    return {"name": of.name, "n_accounts": of.n_accounts, **_pairs(of.pairs)}


def show(found: "Evaluation", path: Path, *, moved: "Moved | None") -> None:
    """Print an evaluation for people: what was compared, the figures, the slices."""
    for line in _heading(found.coverage, path, moved=moved):
        say(line)
    rows = [[str(what), value, counted] for what, value, counted in figures(found.grades, moved)]
    emit_table(_texts(MEASURE, VALUE, COUNTED), rows)
    for name, title in SLICES.items():
        slices: Sequence[Slice] = getattr(found, name)
        if slices:
            head = _texts(SLICE, TRUE, PREDICTED, PRECISION, RECALL, F1, ACCOUNTS)
            cells = [_cells(of) for of in slices]
            # a pair of two sources is seen once, and by no account alone
            n = len(head) if slices[0].n_accounts is not None else len(head) - 1
            emit_table(head[:n], [row[:n] for row in cells], title=str(title))


MEASURE, VALUE, COUNTED = Text("measure", "指标"), Text("value", "数值"), Text("counted", "计数")
SLICE, ACCOUNTS = Text("slice", "分组"), Text("accounts", "账户")
TRUE, PREDICTED = Text("true pairs", "真实对"), Text("predicted pairs", "判定对")
PRECISION, RECALL, F1 = Text("precision", "精确率"), Text("recall", "召回率"), Text("F1", "F1")


def _texts(*texts: Text) -> list[str]:
    return [str(text) for text in texts]


def _cells(of: "Slice") -> list[object]:
    pairs = of.pairs
    shares = [pairs.precision, pairs.recall, pairs.f1]
    return [of.name, pairs.true, pairs.predicted, *shares, of.n_accounts]


def _heading(coverage: "Coverage", path: Path, *, moved: "Moved | None") -> Iterator[str]:
    """Say what was compared, and who was left out."""
    run = f"{moved.run_id}, {moved.at:%Y-%m-%d %H:%M:%S} UTC" if moved and moved.at else "-"
    graded = f"{coverage.n_graded:,}"
    yield str(Text(f"resolution {run}; truth {path}", f"识别运行 {run}；真值 {path}"))
    yield str(
        Text(
            f"graded: {graded} accounts that both the graph and the truth know",
            f"参与评估：图与真值共有的 {graded} 个账户",
        )
    )
    for n, text in _left_out(coverage):
        if n:
            yield str(text)


def _left_out(coverage: "Coverage") -> Iterator[tuple[int, Text]]:
    n, who = f"{coverage.n_unknown:,}", coverage.unknown
    yield (
        coverage.n_unknown,
        Text(
            f"left out: {n} accounts of the truth that the graph does not hold: {who}",
            f"未计入：真值中有 {n} 个图中不存在的账户：{who}",
        ),
    )
    n = f"{coverage.n_without_person:,}"
    yield (
        coverage.n_without_person,
        Text(
            f"left out: {n} accounts of which the truth says nothing",
            f"未计入：真值未提及的 {n} 个账户",
        ),
    )
    n = f"{coverage.n_unresolved:,}"
    yield (
        coverage.n_unresolved,
        Text(
            f"left out: {n} accounts without a customer; run kith resolve",
            f"未计入：尚未归属客户的 {n} 个账户；请运行 kith resolve",
        ),
    )
    n = f"{coverage.n_incomplete:,}"
    yield (
        coverage.n_incomplete,
        Text(
            f"left out: {n} rows of the truth without account or person",
            f"未计入：真值中缺账户或自然人的 {n} 行",
        ),
    )


def figures(grades: "Grades", moved: "Moved | None") -> Iterator[Figure]:
    """Return every figure with its name and what it was counted from."""
    yield from _of_pairs(grades)
    yield from _of_accounts(grades)
    yield from _of_persons(grades)
    if moved:
        name = Text("id churn of the last run", "最近一次运行的编号变动率")
        first = Text("no run before it", "此前没有运行")
        yield _figure(name, moved.churn) if moved.churn.whole else (name, None, str(first))


def _figure(name: Text, share: "Share") -> Figure:
    return name, share.value, f"{share.part:,} / {share.whole:,}"


def _of_pairs(grades: "Grades") -> Iterator[Figure]:
    pairs = grades.pairs
    common = f"{pairs.common:,}"
    yield (
        Text("pairwise precision", "成对精确率"),
        pairs.precision,
        f"{common} / {pairs.predicted:,}",
    )
    yield Text("pairwise recall", "成对召回率"), pairs.recall, f"{common} / {pairs.true:,}"
    yield Text("pairwise F1", "成对 F1"), pairs.f1, ""
    if grades.oracle:
        yield _figure(Text("recall against the oracle", "对照可识别上限的召回率"), grades.oracle)
        yield (
            Text("F1 of precision and oracle recall", "精确率与该召回率的 F1"),
            grades.oracle_f1,
            "",
        )
    if grades.household:
        yield _figure(Text("precision against households", "以家庭计的精确率"), grades.household)


def _of_accounts(grades: "Grades") -> Iterator[Figure]:
    n = f"{grades.n_accounts:,}"
    if grades.bcubed:
        bcubed = grades.bcubed
        yield Text("B-cubed precision", "B-cubed 精确率"), bcubed.precision, n
        yield Text("B-cubed recall", "B-cubed 召回率"), bcubed.recall, n
        yield Text("B-cubed F1", "B-cubed F1"), bcubed.f1, n
    if grades.largest:
        persons = f"{grades.largest.n_persons:,}"
        told = Text(f"accounts of {persons} persons", f"个账户，{persons} 人")
        yield Text("largest cluster", "最大客户"), grades.largest.n_accounts, str(told)


def _of_persons(grades: "Grades") -> Iterator[Figure]:
    yield _figure(Text("persons over-merged", "被误并的人"), grades.over_merged)
    yield _figure(Text("persons fragmented", "被拆散的人"), grades.fragmented)
    yield _figure(Text("customers that are exactly one person", "恰为一人的客户"), grades.exact)
