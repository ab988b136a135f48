"""The six stages of a run: their order, their names, their seconds, and what each is handed."""

import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from types import SimpleNamespace

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

import algorithms.identity.run as identity
import algorithms.run as scoring
import api.summary
from algorithms.registry import REGISTRY
from api import pipeline
from api.pipeline import (
    JUDGED,
    RESOLVED,
    STAGES,
    PipelineReport,
    StageReport,
    _keep,
    _loaded,
    _told,
    _with_scores,
    names_of,
    run_pipeline,
)
from graph.errors import ComputeError
from graph.language import speaking
from graph.settings import Settings, read_settings
from loaders import load as loading
from loaders import manifest as manifests
from loaders.load import Options
from loaders.report import LoadReport

ORDER = ["fuse", "resolve", "tag", "model", "report", "activate"]


@dataclass
class World:
    """Stands for the database and for the modules that the pipeline only calls in order."""

    settings: Settings
    is_first: bool = False
    is_unchanged: bool = False
    failing: str = ""
    now: float = 0.0
    done: list[str] = field(default_factory=list)
    told: list[str] = field(default_factory=list)

    def spend(self, what: str, *, seconds: float) -> None:
        self.done.append(what)
        self.now += seconds
        if what == self.failing:
            raise ComputeError(problem=what)

    @contextmanager
    def connect(self) -> Iterator[None]:
        yield None

    @contextmanager
    def prepared_home(self, *_: object, **__: object) -> Iterator[None]:
        self.done.append("lock")
        yield
        self.done.append("unlock")

    def stage_manifest(self, *_: object, data: Path, **__: object) -> object:
        self.spend(f"stage {data.name}", seconds=2)
        home = SimpleNamespace(timezone="UTC")
        folder = self.settings.home / "prepared"
        return SimpleNamespace(folder=folder, home=home, report=LoadReport("l1"))

    def write_load(self, *_: object, **__: object) -> LoadReport:
        self.spend("write", seconds=10)
        return LoadReport("l1", written={"Order": 1200, "Product": 34}, imported=self.is_first)

    def resolve_graph(self, *_: object, **__: object) -> object:
        self.spend("resolve graph", seconds=3)
        return SimpleNamespace(is_unchanged=self.is_unchanged, written=1500)

    def resolve_staged(self, *_: object, **__: object) -> Mapping[str, pa.Table]:
        self.spend("resolve staged", seconds=3)
        judged = {name: pa.table({"i": [1]}) for name in JUDGED}
        return judged | {"Customer": pa.table({"c": [1, 2]}), RESOLVED: pa.table({"a": [1, 2, 3]})}

    def score(self, *_: object, request: scoring.Request, **__: object) -> list[object]:
        self.spend(f"score {','.join(request.names)}", seconds=5)
        return [
            SimpleNamespace(algorithm=n, state="published", seconds=1.25) for n in request.names
        ]

    def compute_all(self, *_: object, request: scoring.Request, **__: object) -> object:
        self.spend(f"compute {','.join(request.names)}", seconds=4)
        return SimpleNamespace(elements={"Product": pa.table({"n": [1]})}, runs=[])

    def summary(self, _: object) -> dict[str, object]:
        self.spend("ask", seconds=1)
        return {"counts": {}, "joined": 0}

    def run(self, *, data: Path | None = None) -> PipelineReport:
        manifest = self.settings.home / "lantern" / "company.toml"
        options = Options(on_stage=self.told.append)
        return run_pipeline(
            self.settings,
            manifest,
            data=data,
            connect=self.connect,  # type: ignore[arg-type]  # nobody speaks to it
            options=options,
        )


@pytest.fixture
def world(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> World:
    made = World(read_settings(home=tmp_path))
    replaced: dict[object, dict[str, Callable[..., object]]] = {
        loading: {
            "prepared_home": made.prepared_home,
            "stage_manifest": made.stage_manifest,
            "wants_import": lambda *_, **__: made.is_first,
            "write_load": made.write_load,
        },
        manifests: {"read_manifest": lambda path: path},
        identity: {"resolve_graph": made.resolve_graph, "resolve_staged": made.resolve_staged},
        scoring: {"score": made.score, "compute_all": made.compute_all},
        api.summary: {"summary": made.summary},
        pipeline: {"graph_reader": lambda *_: None},
        time: {"monotonic": lambda: made.now},
    }
    for module, names in replaced.items():
        for name, stand_in in names.items():
            monkeypatch.setattr(module, name, stand_in)
    return made


def seconds(report: PipelineReport) -> dict[str, float]:
    return {stage.stage: stage.seconds for stage in report.stages}


def told(report: PipelineReport) -> dict[str, list[str]]:
    return {stage.stage: stage.told for stage in report.stages}


# ------------------------------------------------------------------------- stage by stage


@pytest.mark.parametrize("is_first", [True, False])
def test_a_run_has_six_stages_in_their_order(world: World, *, is_first: bool) -> None:
    world.is_first = is_first

    report = world.run()

    assert [stage.stage for stage in report.stages] == ORDER
    assert world.told == [str(STAGES[stage.stage]) for stage in report.stages]


def test_a_later_load_is_written_before_it_is_resolved_and_scored(world: World) -> None:
    world.run()

    assert world.done[:4] == ["lock", "stage lantern", "write", "resolve graph"]
    assert world.done[4:] == [
        f"score {','.join(names_of('resolve'))}",
        f"score {','.join(names_of('tag'))}",
        f"score {','.join(names_of('model'))}",
        f"score {','.join(names_of('report'))}",
        "ask",
        f"score {','.join(names_of('activate'))}",
        "unlock",
    ]


def test_a_first_load_learns_from_staging_and_writes_once(world: World) -> None:
    world.is_first = True

    world.run()

    assert world.done == [
        "lock",
        "stage lantern",
        "resolve staged",
        f"compute {','.join(names_of('resolve'))}",
        f"compute {','.join(names_of('tag'))}",
        "write",
        f"score {','.join(names_of('model'))}",
        f"score {','.join(names_of('report'))}",
        "ask",
        f"score {','.join(names_of('activate'))}",
        "unlock",
    ]


def test_the_seconds_of_a_stage_are_those_of_all_its_parts(world: World) -> None:
    report = world.run()

    # fuse stages for 2 s and writes for 10; resolve asks the graph for 3 and scores for 5
    expected = {"fuse": 12, "resolve": 8, "tag": 5, "model": 5, "report": 6, "activate": 5}
    assert seconds(report) == expected


def test_a_stage_that_is_entered_twice_is_one_stage(world: World) -> None:
    world.is_first = True

    report = world.run()

    expected = {"fuse": 12, "resolve": 7, "tag": 4, "model": 5, "report": 6, "activate": 5}
    assert seconds(report) == expected
    assert len(world.told) == 6


def test_the_peak_of_a_stage_is_the_highest_of_its_parts(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    marks = iter([700.0, 300.0, *[100.0] * 20])
    monkeypatch.setattr(pipeline, "peak_megabytes", lambda: next(marks))

    report = world.run()

    assert [stage.peak_mb for stage in report.stages] == [700, 100, 100, 100, 100, 100]


def test_each_stage_tells_what_it_did(world: World) -> None:
    said = told(world.run())

    assert said["fuse"] == ["1,234 nodes and relationships written in batches"]
    assert said["resolve"][0] == "1,500 rows written"
    assert said["model"] == [f"{name}: published, 1.2 s" for name in names_of("model")]
    drawn = [f"{name}: published, 1.2 s" for name in names_of("report")]
    assert said["report"] == [*drawn, "2 figures"]
    assert said["activate"] == [f"{name}: published, 1.2 s" for name in names_of("activate")]


def test_a_first_load_tells_accounts_and_customers(world: World) -> None:
    world.is_first = True

    said = told(world.run())

    assert said["fuse"] == ["1,234 nodes and relationships imported"]
    assert said["resolve"] == ["3 accounts, 2 customers"]


def test_a_resolution_that_changed_nothing_is_told_so(world: World) -> None:
    world.is_unchanged = True

    assert told(world.run())["resolve"][0] == "unchanged"


def test_what_a_first_load_learned_lies_beside_the_facts(world: World) -> None:
    world.is_first = True

    world.run()

    knowledge = world.settings.home / "prepared" / "knowledge"
    assert pq.read_table(knowledge / "identity" / f"{RESOLVED}.parquet").num_rows == 3
    assert (knowledge / "resolve" / "Product.parquet").exists()
    assert (knowledge / "tag" / "Product.parquet").exists()


def test_a_run_reports_the_load_and_the_figures(world: World) -> None:
    report = world.run()

    assert report.load.load_id == "l1"
    assert report.summary == {"counts": {}, "joined": 0}


def test_files_lie_beside_the_manifest_or_where_somebody_says(world: World) -> None:
    world.run(data=Path("elsewhere"))

    assert "stage elsewhere" in world.done


def test_what_fails_stops_the_run_where_it_stands(world: World) -> None:
    world.failing = "resolve graph"

    with pytest.raises(ComputeError, match="resolve graph"):
        world.run()

    assert world.done == ["lock", "stage lantern", "write", "resolve graph"]
    assert len(world.told) == 2


# ------------------------------------------------------------------------------- its parts


def test_a_stage_is_named_in_the_language_of_its_reader() -> None:
    stage = StageReport("tag")

    with speaking("zh"):
        assert str(stage.name) == "用户标签"
    with speaking("en"):
        assert str(stage.name) == "tag"


def test_the_stages_are_those_of_the_company_from_fusing_to_acting() -> None:
    assert list(STAGES) == ORDER


def test_every_algorithm_belongs_to_one_stage() -> None:
    members = [name for stage in STAGES for name in names_of(stage)]

    assert sorted(members) == sorted(a.name for a in REGISTRY)


def test_elements_are_kept_for_their_owner_alone(tmp_path: Path) -> None:
    _keep(tmp_path, "tag", elements={"Product": pa.table({"n": [1, 2]})})

    place = tmp_path / "knowledge" / "tag"
    assert pq.read_table(place / "Product.parquet").column("n").to_pylist() == [1, 2]
    assert place.stat().st_mode & 0o077 == 0


@pytest.mark.parametrize(
    ("report", "text"),
    [
        (LoadReport("l"), "the graph already held all of it"),
        (
            LoadReport("l", written={"Order": 1000, "Store": 1}),
            "1,001 nodes and relationships written in batches",
        ),
        (
            LoadReport("l", written={"Order": 1}, imported=True),
            "1 nodes and relationships imported",
        ),
    ],
)
def test_a_load_is_told_in_a_sentence(report: LoadReport, text: str) -> None:
    assert _loaded(report) == text


def test_a_run_of_an_algorithm_is_told_with_its_seconds() -> None:
    assert _told(SimpleNamespace(algorithm="rfm", state="dry", seconds=0.04)) == "rfm: dry, 0.0 s"


def test_what_a_stage_found_is_known_to_the_next(tmp_path: Path) -> None:
    customers = pa.table({"customer_id": ["b", "a"], "n_accounts": [2, 1]})
    scores = pa.table({"customer_id": ["a"], "rfm_r": [5]})
    settings = read_settings(home=tmp_path)

    found = _with_scores(customers, {"Customer": scores}, settings=settings)

    assert found.to_pylist() == [
        {"customer_id": "a", "n_accounts": 1, "rfm_r": 5},
        {"customer_id": "b", "n_accounts": 2, "rfm_r": None},
    ]
    assert _with_scores(customers, {}, settings=settings) is customers
