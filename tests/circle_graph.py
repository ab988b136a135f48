"""Circles and a map as a graph and the files of a home would tell them."""

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta

import pyarrow as pa

from algorithms.records import Record, file_results
from api.views import Row
from graph.columns import TIME
from graph.settings import Settings

NOON = datetime(2026, 3, 1, 12, tzinfo=UTC)
MS = int(NOON.timestamp() * 1000)
EVENT = ("circle_id", "event", "other_id", "people")


def held(name: str, size: int) -> Row:
    return {
        "circle_id": name,
        "size": size,
        "density": 0.5,
        "born_at": MS,
        "event": "born",
        "terms": ["lens"],
        "categories": None,
        "leaders": ["a"],
        "label_en": "lens circle",
        "label_zh": "lens 圈",
        "about_en": "Some people.",
        "about_zh": "一些人。",
    }


def member(name: str, rank: int | None) -> Row:
    return {
        "customer_id": name,
        "role": "core",
        "strength": 1.0,
        "since": MS,
        "influence_rank": rank,
        "influence_score": None,
        "handle": "🌸",
    }


@dataclass
class Graph:
    """Knows some circles, their people, and a map of three."""

    circles: list[Row] = field(default_factory=lambda: [held("k1", 7), held("k2", 5)])
    members: list[Row] = field(default_factory=lambda: [member("a", 3), member("b", None)])
    run_id: str = "network-1"
    has_map: bool = True
    asked: list[Mapping[str, object]] = field(default_factory=list)

    def __call__(self, query: str, parameters: Mapping[str, object]) -> list[Row]:
        self.asked.append(parameters)
        if "AlgorithmRun" in query:
            return [self.run()] if self.has_map else []
        if "network_size" in query:
            n = parameters["n"]
            assert isinstance(n, int)
            return [{"items": NODES[:n]}]
        if "MEMBER_OF" in query:
            return [{"items": self.members}]
        if "AS circle" in query:
            return [{"circle": c} for c in self.circles if c["circle_id"] == parameters["id"]]
        if "$ids" in query:
            return [{"items": [self.circles[0]]}]
        n = parameters["n"]
        assert isinstance(n, int)
        return [{"items": self.circles[:n]}]

    def run(self) -> Row:
        run = {"run_id": self.run_id, "algorithm": "network", "version": "1", "evaluation": None}
        metrics = json.dumps({"people": 40})
        return {"run": {**run, "as_of": MS, "started_at": MS}, "metrics": metrics}


def on_map(name: str, handle: str | None, circle_id: str | None) -> Row:
    at = {"x": 1.0, "y": 2.0, "attention": 4.0}
    return {"customer_id": name, "handle": handle, "circle_id": circle_id, "role": None, **at}


NODES = [on_map("a", "<b>", "k1"), on_map("b", " ", "gone"), on_map("c", None, None)]


def filed(home: Settings, at: datetime, circle_of: dict[str, str | None], *events: object) -> None:
    """File a run of circles, as a run does."""
    rows = [dict(zip(EVENT, event, strict=True)) for event in events if isinstance(event, tuple)]
    kinds = pa.schema([*((c, pa.string()) for c in EVENT[:3]), ("people", pa.int64())])
    happened = pa.Table.from_pylist(rows, schema=kinds)
    happened = happened.append_column("happened_at", pa.array([at] * len(rows), TIME))
    people = {
        "customer_id": pa.array(circle_of),
        "circle_id": pa.array(circle_of.values(), pa.string()),
    }
    record = Record("circles", "1", at, "{}", "x", at).named()
    file_results(record, {"Customer": pa.table(people), "circle_events": happened}, settings=home)


def three_months(home: Settings) -> None:
    later = [NOON + timedelta(days=30 * month) for month in range(3)]
    filed(home, later[0], {"a": "k1", "b": "k1", "c": "k2", "d": None}, ("k1", "born", "", 2))
    filed(home, later[1], {"a": "k1", "b": "k1", "c": "k1", "d": None}, ("k2", "merged", "k1", 1))
    now: dict[str, str | None] = {"a": "k1", "b": "k1", "c": "k3", "d": "k3"}
    filed(home, later[2], now, ("k3", "split", "k1", 1))


def with_lines(home: Settings) -> Graph:
    """File a map whose lines lead to somebody who is gone, too."""
    ends = [("a", "b"), ("b", "a"), ("a", "gone")]
    lines = pa.table(
        {
            "customer_id": pa.array([a for a, _ in ends]),
            "target_id": pa.array([b for _, b in ends]),
            "n": pa.array([1, 2, 3], pa.int64()),
            "last_at": pa.array([NOON] * 3, TIME),
        }
    )
    record = Record("network", "1", NOON, "{}", "x", NOON).named()
    file_results(record, {"network_lines": lines}, settings=home)
    return Graph(run_id=record.run_id)
