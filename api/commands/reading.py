"""``kith customer | tables | schema | export``: what is known, read and taken away."""

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from api.commands.options import AsJson
from api.output import emit_json, emit_table, note, say
from api.runtime import database, settings_of_call
from graph.language import Text

if TYPE_CHECKING:
    from api.views import View
    from graph.session import Database


def register(app: typer.Typer) -> None:
    """Add the commands of this group."""
    for command in (customer, explain, tables, schema, export):
        app.command()(command)


def customer(
    customer_id: Annotated[str, typer.Argument(help="The customer's id; retired ids answer too.")],
    *,
    as_json: AsJson = False,
) -> None:
    """Show one customer: accounts by source, orders, scores with their runs."""
    with database(settings_of_call()) as opened:
        found = _profile(opened, customer_id)
    if as_json:
        emit_json(found)
    else:
        _show_profile(found)


def explain(
    customer_id: Annotated[str, typer.Argument(help="The customer's id; retired ids answer too.")],
    score: Annotated[
        str | None, typer.Argument(help="An algorithm or one of its properties; default: all.")
    ] = None,
    *,
    as_json: AsJson = False,
) -> None:
    """Say why a customer has the scores that they have, with the runs and their grades."""
    from algorithms.registry import computed_spec
    from api.explaining import explanations
    from api.profile import CustomerMovedError

    spec = computed_spec()
    with database(settings_of_call()) as opened:
        try:
            said = explanations(opened.read, customer_id, spec=spec, score=score)
        except CustomerMovedError as moved:
            note(str(moved))
            survivor = str(moved.facts["survivor"])
            said = explanations(opened.read, survivor, spec=spec, score=score)
    if as_json:
        emit_json(said)
        return
    for one in said:
        say(f"{one['algorithm']}: {one['text']}")
        say(f"  {_graded(str(one['algorithm']), one['run'])}")


def _graded(name: str, run: object) -> str:
    """Say of which run a score is, and how its like did at past cuts."""
    from algorithms.registry import REGISTRY

    assert isinstance(run, dict)  # as `explanations` returns it
    at = f"{run['as_of']:%Y-%m-%d}" if run["as_of"] else "?"
    grade = run["evaluation"]
    if not REGISTRY.named(name).graded:
        return str(Text(f"as of {at}", f"数据截至 {at}"))
    if not grade:
        return str(Text(f"as of {at}; not yet graded", f"数据截至 {at}；尚未评估"))
    figures = "; ".join(f"{name} {_figures(means)}" for name, means in grade["means"].items())
    return str(Text(f"as of {at}; at past cuts: {figures}", f"数据截至 {at}；历史时点：{figures}"))


def _figures(means: dict[str, float]) -> str:
    names = ("auc", "recency_auc", "skill", "error", "naive_error")
    return ", ".join(f"{name} {means[name]:.3g}" for name in names if name in means)


def _profile(opened: "Database", customer_id: str) -> "View":
    from algorithms.registry import computed_spec
    from api.profile import CustomerMovedError, profile

    try:
        return profile(opened.read, customer_id, spec=computed_spec(), with_identifiers=True)
    except CustomerMovedError as moved:
        survivor = str(moved.facts["survivor"])
        note(str(moved))
        return profile(opened.read, survivor, spec=computed_spec(), with_identifiers=True)


def _show_profile(found: "View") -> None:
    """Print a profile: plain values as a list, groups of like things as tables."""
    for name, value in found.items():
        if isinstance(value, list):
            _show_list(name, value)
        elif isinstance(value, dict):
            _show_group(name, value)
        else:
            say(f"{name:20} {'' if value is None else value}")


def _show_group(name: str, group: dict[str, object]) -> None:
    rows = [[key, *_flat(value)] for key, value in group.items()]
    width = max((len(row) for row in rows), default=1)
    padded = [row + [None] * (width - len(row)) for row in rows]
    emit_table([name, *[""] * (width - 1)], padded)


def _flat(value: object) -> list[object]:
    if isinstance(value, dict):
        return [f"{k} {v}" for k, v in value.items() if not isinstance(v, dict | list)]
    return [value if not isinstance(value, list) else len(value)]


def _show_list(name: str, items: list[object]) -> None:
    rows = [item for item in items if isinstance(item, dict)]
    if not rows:
        say(f"{name:20} {', '.join(str(item) for item in items)}")
        return
    columns = list(rows[0])
    emit_table(columns, [[row.get(c) for c in columns] for row in rows], title=name)


def tables(
    name: Annotated[str | None, typer.Argument(help="One table; default: all.")] = None,
    *,
    as_json: AsJson = False,
) -> None:
    """Show the tables that manifests fill, with their columns."""
    from graph.spec import fact_spec

    found = fact_spec().tables
    if name is None:
        listed = [[t.name, t.about, len(t.columns)] for t in found.values()]
        if as_json:
            emit_json([{"name": row[0], "about": str(row[1])} for row in listed])
        else:
            emit_table(["table", "one row is", "columns"], listed)
        return
    if name not in found:
        from graph.elements import UnknownTableError

        raise UnknownTableError(name=name, known=", ".join(found))
    columns = found[name].columns
    rows = [[c.name, c.kind, c.required, c.personal, c.about] for c in columns]
    head = ["column", "kind", "required", "personal", "meaning"]
    if as_json:
        emit_json([dict(zip(head, [*r[:4], str(r[4])], strict=True)) for r in rows])
    else:
        emit_table(head, rows, title=name)


def schema(*, as_json: AsJson = False) -> None:
    """Show the labels and relationships of the graph, with their counts."""
    from algorithms.registry import computed_spec
    from api.declared import schema_view

    with database(settings_of_call()) as opened:
        found = schema_view(opened.read, spec=computed_spec())
    if as_json:
        emit_json(found)
        return
    for name, items in found.items():
        if isinstance(items, list):
            rows = [[v for v in item.values() if not isinstance(v, list | dict)] for item in items]
            head = [k for k, v in items[0].items() if not isinstance(v, list | dict)]
            emit_table(head, rows, title=name)


def export(
    table: Annotated[str, typer.Argument(help="Any table, fact or knowledge.")],
    *,
    output: Annotated[Path, typer.Option(help="FILE.csv, .jsonl, .parquet or .xlsx")],
    bom: Annotated[bool, typer.Option(help="Mark a CSV as UTF-8 for Excel.")] = False,
) -> None:
    """Write a table to a file; keys only, no personal values."""
    from api.exporting import export_table

    settings = settings_of_call()
    with database(settings) as opened:
        rows = export_table(opened, settings, table=table, to=output, bom=bom)
    note(f"{rows:,} rows of {table} in {output}")
