"""Segments with their numbers of customers, from results and what is said of the groups."""

import json
from dataclasses import replace

import pyarrow as pa

from algorithms import rfm
from algorithms.contract import Algorithm, Group, owned
from algorithms.publish import Change
from algorithms.registry import REGISTRY, computed_spec
from algorithms.segments import LINK, NODE, History, segments_of
from graph.columns import properties_by_column
from graph.language import Text
from graph.spec import fact_spec

SPEC = computed_spec()
CODES = owned("rfm_stage", "code", about=Text("Stage", "阶段"), codes=("early", "late"))
NUMBER = owned("rfm_part", "integer", about=Text("Part", "部分"))


def placing(*schemes: str) -> Algorithm:
    return replace(rfm.ALGORITHM, properties={"Customer": (CODES, NUMBER)}, segments=schemes)


def customers(**columns: list[str | int | None]) -> dict[str, pa.Table]:
    kinds = {"rfm_stage": pa.string(), "rfm_part": pa.int64()}
    return {"Customer": pa.table({n: pa.array(v, kinds[n]) for n, v in columns.items()})}


def sizes(segments: pa.Table) -> dict[str, int]:
    return {row["segment_id"]: row["n"] for row in segments.to_pylist()}


def test_members_are_counted_and_whoever_is_nowhere_is_not() -> None:
    found = customers(rfm_stage=["late", "late", None, "early"])

    segments = segments_of(placing("rfm_stage"), found, groups={}, spec=SPEC)

    assert sizes(segments) == {"rfm_stage:early": 1, "rfm_stage:late": 2}


def test_declared_and_described_groups_are_there_without_members() -> None:
    found = customers(rfm_stage=["late"], rfm_part=[2])
    groups = {"rfm_part": {"7": Group(Text("Seven", "七"))}}

    segments = segments_of(placing("rfm_stage", "rfm_part"), found, groups=groups, spec=SPEC)

    assert sizes(segments) == {
        "rfm_part:2": 1,
        "rfm_part:7": 0,
        "rfm_stage:early": 0,
        "rfm_stage:late": 1,
    }


def test_a_group_shows_its_label_and_profile() -> None:
    groups = {"rfm_stage": {"late": Group(Text("Late", "晚"), {"b": 1.5, "a": "高"})}}

    segments = segments_of(
        placing("rfm_stage"), customers(rfm_stage=["late"]), groups=groups, spec=SPEC
    )

    (late,) = [row for row in segments.to_pylist() if row["name"] == "late"]
    assert (late["scheme"], late["label_en"], late["label_zh"]) == ("rfm_stage", "Late", "晚")
    assert late["profile"] == '{"a": "高", "b": 1.5}'
    assert json.loads(late["profile"]) == {"a": "高", "b": 1.5}


def test_a_scheme_that_places_nobody_has_no_groups() -> None:
    found = customers(rfm_stage=[None, None])

    assert sizes(segments_of(placing("rfm_stage"), found, groups={}, spec=SPEC)) == {}


def test_without_groups_there_are_no_rows_and_all_columns() -> None:
    segments = segments_of(placing("rfm_part"), customers(rfm_part=[]), groups={}, spec=SPEC)

    assert segments.num_rows == 0
    assert segments.column_names == list(properties_by_column(SPEC.nodes[NODE]))


def change(name: str, **counts: int) -> Change:
    element = SPEC.element(name)
    nothing = pa.table({})
    return Change(element, nothing, nothing, counts, is_whole=True)


def test_what_comes_before_and_after_is_counted_together() -> None:
    before = [change(NODE, new=1, removed=0), change(LINK, new=3)]
    after = [change(LINK, new=0, removed=2), change(NODE, new=4)]

    counts = History(before, after).counts

    assert counts == {NODE: {"new": 5, "removed": 0}, LINK: {"new": 3, "removed": 2}}


def test_segments_belong_to_no_load() -> None:
    node, link = fact_spec().nodes[NODE], fact_spec().relationships[LINK]

    assert node.facts == ()
    assert link.facts == ()


def test_every_scheme_is_an_indexed_property_of_customers() -> None:

    for algorithm in REGISTRY:
        declared = {p.name: p for p in algorithm.properties.get("Customer", ())}
        assert all(declared[scheme].indexed for scheme in algorithm.segments)
