"""The judgement of a plan, on plans written by hand."""

import pytest

from graph.errors import GuardError
from graph.guard_errors import (
    CrossProductRefusedError,
    EstimateRefusedError,
    FunctionRefusedError,
    LoopRefusedError,
    OperatorRefusedError,
    ProcedureRefusedError,
    WriteRefusedError,
)
from graph.guard_plan import (
    Operator,
    PlanLimits,
    allowed,
    blamed_for_memory,
    blamed_for_time,
    judge,
    read_plan,
)

LIMITS = PlanLimits(pairs=100, rows=1000)


def operator(
    name: str, details: str = "", *, rows: float = 1.0, below: tuple[Operator, ...] = ()
) -> Operator:
    return Operator(name=name, details=details, rows=rows, depth=0, children=below)


def results(*below: Operator) -> Operator:
    return operator("ProduceResults", "x", below=below)


def projecting(details: str) -> Operator:
    return results(operator("Projection", details))


def refused(root: Operator, query_type: str = "r") -> GuardError:
    with pytest.raises(GuardError) as caught:
        judge(root, query_type, limits=LIMITS)
    return caught.value


def test_a_plan_of_reviewed_operators_passes() -> None:
    scan = operator("NodeByLabelScan", "c:Customer", rows=10)

    judge(results(operator("Filter", "c.x > $autoint_0", below=(scan,))), "r", limits=LIMITS)


def test_the_plan_of_the_driver_is_read_without_the_database_s_name() -> None:
    child = {"operatorType": "AllNodesScan@neo4j", "args": {"Details": "n", "EstimatedRows": 7.5}}
    plan = {"operatorType": "ProduceResults@neo4j", "args": {}, "children": [child]}

    root = read_plan(plan)

    assert [(o.name, o.details, o.rows, o.depth) for o in root.walk()] == [
        ("ProduceResults", "", 0.0, 0),
        ("AllNodesScan", "n", 7.5, 1),
    ]


@pytest.mark.parametrize("query_type", ["w", "rw"])
def test_what_writes_is_refused_even_if_every_operator_reads(query_type: str) -> None:
    problem = refused(results(operator("AllNodesScan", "n")), query_type)

    assert isinstance(problem, WriteRefusedError)


def test_the_operator_that_writes_is_named() -> None:
    problem = refused(results(operator("EmptyResult", below=(operator("SetProperty"),))), "w")

    assert isinstance(problem, WriteRefusedError)
    assert problem.facts["operator"] == "SetProperty"


@pytest.mark.parametrize("query_type", ["s", ""])
def test_what_is_no_read_is_refused_even_if_every_operator_is_listed(query_type: str) -> None:
    problem = refused(results(operator("Argument")), query_type)

    assert isinstance(problem, WriteRefusedError)


@pytest.mark.parametrize(
    "name", ["LoadCSV", "ShowTransactions", "TransactionApply", "SomethingNew", ""]
)
def test_an_operator_that_is_not_listed_is_refused_by_name(name: str) -> None:
    problem = refused(results(operator("Apply", below=(operator(name, "line"),))))

    assert isinstance(problem, OperatorRefusedError)
    assert problem.facts["operator"] == name


@pytest.mark.parametrize(
    "details",
    [
        "dbms.listConnections() :: (connectionId :: STRING)",
        "db.stats.retrieve($autostring_0) :: (data :: MAP)",
        "db.labelsAndMore() :: (label :: STRING)",
        "db.Labels() :: (label :: STRING)",
        "",
    ],
)
def test_a_procedure_that_is_not_listed_is_refused_by_name(details: str) -> None:
    problem = refused(results(operator("ProcedureCall", details)))

    assert isinstance(problem, ProcedureRefusedError)
    assert problem.facts["procedure"] == details.partition("(")[0]


def test_a_listed_procedure_passes() -> None:
    call = operator("ProcedureCall", "db.labels() :: (label :: STRING)")

    judge(results(call), "r", limits=LIMITS)


@pytest.mark.parametrize(
    "details",
    [
        "apoc.load.json($autostring_0) AS x",
        "size(apoc.text.join(xs, y)) AS x",
        "gds.util.asNode(n.id).name AS x",
    ],
)
def test_a_plug_in_s_function_is_refused(details: str) -> None:
    assert isinstance(refused(projecting(details)), FunctionRefusedError)


def test_a_plug_in_s_function_in_a_procedure_s_argument_is_refused() -> None:
    call = operator("ProcedureCall", "db.index.fulltext.queryNodes(apoc.x(), y) :: (node :: NODE)")

    problem = refused(results(call))

    assert problem.facts["function"] == "apoc.x"


@pytest.mark.parametrize(
    "details",
    [
        "date.truncate($autostring_0, o.at) AS month, Date.Truncate(x) AS y",
        "point.distance(a.place, b.place) AS metres",
        "n.count AS x, size(n.names) AS y",
        "`apoc.load.json(x)` AS x",
    ],
)
def test_cypher_s_own_functions_pass(details: str) -> None:
    judge(projecting(details), "r", limits=LIMITS)


@pytest.mark.parametrize(
    "details",
    [
        "reduce(a = $autoint_0, x IN xs | a + x) AS x",
        "REDUCE(a = $autoint_0, x IN xs | a + x) AS x",
        "size(range($autoint_0, $autoint_1)) AS x",
        "size(RANGE($autoint_0, $autoint_1)) AS x",
        "{a: Range($autoint_0, $autoint_1)} AS x",
    ],
)
def test_a_loop_inside_an_expression_is_refused_in_any_case(details: str) -> None:
    assert isinstance(refused(projecting(details)), LoopRefusedError)


@pytest.mark.parametrize(
    "details",
    [
        "range($autoint_0, $autoint_1) AS x",
        "RANGE($autoint_0, size(split(a, b))) AS `x y`",
        "range(0, size(labels(n)), $autoint_2) AS x",
    ],
)
def test_a_range_of_rows_passes(details: str) -> None:
    judge(results(operator("Unwind", details)), "r", limits=LIMITS)


@pytest.mark.parametrize(
    "details",
    [
        "[x IN range($autoint_0, $autoint_1) | x] AS x",
        "reverse(range($autoint_0, $autoint_1)) AS x",
        "range($autoint_0, $autoint_1) + range($autoint_0, $autoint_1) AS x",
        "range($autoint_0, size(range($autoint_1, $autoint_2))) AS x",
        "range($autoint_0, $autoint_1)[$autoint_2..] AS x",
    ],
)
def test_a_range_that_is_worked_on_before_it_is_rows_is_refused(details: str) -> None:
    assert isinstance(refused(results(operator("Unwind", details))), LoopRefusedError)


def test_the_planner_s_own_range_over_the_steps_of_a_path_passes() -> None:
    steps = "SHORTEST 1 (a) non-inlined: all(anon_8 IN range(0, size(r) - 1) WHERE (r[anon_8]).x)"

    judge(results(operator("StatefulShortestPath(All)", steps)), "r", limits=LIMITS)


@pytest.mark.parametrize(
    ("details", "variable"),
    [
        ("[x IN l WHERE any(y IN l WHERE y < x)] AS z", "y"),
        ("[x IN xs | [y IN ys | x + y]] AS z", "y"),
        ("size([x IN xs WHERE NONE(y IN m.l WHERE y < x)]) AS z", "y"),
        ("[x IN `a]` | [y IN `b[` | x + y]] AS z", "y"),
        ("[p IN ps | [n IN nodes(p) | [l IN labels(n) | l]]] AS z", "l"),
        ("all(x IN nodes(p) WHERE any(y IN l WHERE any(z IN m WHERE z = y))) AS z", "z"),
    ],
)
def test_a_loop_that_multiplies_another_is_refused_by_its_variable(
    details: str, variable: str
) -> None:
    problem = refused(projecting(details))

    assert isinstance(problem, LoopRefusedError)
    assert str(problem.facts["loop"]).startswith(variable)


@pytest.mark.parametrize(
    "details",
    [
        "[x IN l | x] AS a, [y IN l | y] AS b",
        "[n IN nodes(p) | [l IN labels(n) | l]] AS x",
        "[row IN rows | [cell IN row | cell]] AS x",
        "[p IN products | [v IN p.attribute_values WHERE v STARTS WITH $autostring_0 | v]] AS x",
        "[w IN split(t, $autostring_0) WHERE any(k IN $words WHERE w CONTAINS k)] AS x",
        "any(n IN nodes(p) WHERE any(y IN seeds WHERE y = n)) AS x",
        "(x IN l) AND [y IN l | y] = z AS a",
    ],
)
def test_a_loop_over_a_short_list_inside_another_passes(details: str) -> None:
    judge(projecting(details), "r", limits=LIMITS)


def test_a_product_names_its_parts_and_the_limit() -> None:
    parts = (operator("NodeByLabelScan", "a:A"), operator("NodeByLabelScan", "b:B"))

    problem = refused(results(operator("CartesianProduct", rows=101, below=parts)))

    assert isinstance(problem, CrossProductRefusedError)
    assert problem.facts["parts"] == "(a:A) × (b:B)"
    assert "about 101 rows" in problem.message("en")
    assert "上限为 100" in problem.message("zh")


def test_a_product_at_the_limit_passes() -> None:
    judge(results(operator("CartesianProduct", rows=100)), "r", limits=LIMITS)


def test_the_first_operator_beyond_the_row_limit_is_named() -> None:
    scan = operator("AllNodesScan", "n", rows=900)
    expand = operator("Expand(All)", "(n)--(m)", rows=1001, below=(scan,))

    problem = refused(operator("ProduceResults", rows=5000, below=(expand,)))

    assert isinstance(problem, EstimateRefusedError)
    assert problem.facts["operator"] == "Expand(All)"


def test_rows_above_a_path_of_open_length_are_not_counted() -> None:
    path = operator("VarLengthExpand(All)", "(a)-[*]->(b)", rows=1e20)

    judge(operator("ProduceResults", rows=1e20, below=(path,)), "r", limits=LIMITS)


def test_time_is_blamed_on_the_operator_of_the_most_rows() -> None:
    scan = operator("AllNodesScan", "n", rows=50)
    sort = operator("Sort", "n.x ASC", rows=50, below=(scan,))

    blamed = blamed_for_time(operator("ProduceResults", rows=50, below=(sort,)))

    assert blamed.name == "AllNodesScan"


def test_memory_is_blamed_on_the_operator_that_keeps_the_most_rows() -> None:
    scan = operator("AllNodesScan", "n", rows=5000)
    inner = operator("EagerAggregation", "collect(n) AS l", rows=1, below=(scan,))
    outer = operator("Sort", "x ASC", rows=1, below=(inner,))

    assert blamed_for_memory(results(outer)).name == "EagerAggregation"


def test_no_operator_that_writes_loads_or_shows_is_on_the_list() -> None:
    harmful = ("Create", "Set", "Remove", "Delete", "Merge", "Load", "Show", "Terminate")

    listed = [name for name in allowed().operators if name.startswith(harmful)]

    assert listed == []
    assert not {"Foreach", "TransactionApply", "AdministrationCommand"} & allowed().operators


def test_no_procedure_of_the_list_manages_the_server() -> None:
    assert all(name.startswith("db.") for name in allowed().procedures)
    assert len(allowed().procedures) == len(set(allowed().procedures)) == 11
