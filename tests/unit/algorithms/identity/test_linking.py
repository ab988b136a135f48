"""Groups of accounts that resemble each other become one customer, in part as in whole."""

import json
from dataclasses import replace
from pathlib import Path
from random import Random

import pyarrow as pa
import pytest

from algorithms.identity.ground import Ground
from algorithms.identity.linkage.model import Model
from algorithms.identity.linker import by_field
from algorithms.identity.memory import Memory
from algorithms.identity.policy import Policy
from algorithms.identity.resemblance import recalled
from graph.secret import secret_of
from graph.vault import Vault
from tests.identity_world import POLICY
from tests.lookalikes import (
    Found,
    Maker,
    Record,
    World,
    find,
    in_part,
    people,
    rows_of,
)

CAREFUL = POLICY.model_copy(
    update={"linkage": POLICY.linkage.model_copy(update={"mode": "careful"})}
)
OFF = POLICY.model_copy(update={"linkage": POLICY.linkage.model_copy(update={"mode": "off"})})
ANNA = {"given_name": "karen", "family_name": "tumi", "birth_date": "1972-03-04"}
BERTA = {"given_name": "lodo", "family_name": "salo", "birth_date": "1973-11-21"}


@pytest.fixture(scope="module")
def first() -> Found:
    """Return a world in which everybody was weighed by a model learned from it."""
    return find(people(60, seed=1))


@pytest.fixture(scope="module")
def model(first: Found) -> Model:
    return first.model


def two_annas(*, keys: tuple[str, ...] = (), other_keys: tuple[str, ...] = ()) -> World:
    one, other = Record("crm:1", 0, ANNA, keys), Record("erp:1", 0, ANNA, other_keys)
    return World((one, other, Record("crm:2", 1, BERTA)))


def outcome(found: Found) -> tuple[object, ...]:
    memory = found.memory
    return (
        found.joins,
        found.likely,
        found.groups,
        rows_of(memory.rows, key=["founder"]),
        rows_of(memory.pairs, key=["founder_l", "founder_r"]),
    )


# ------------------------------------------------------------------------ who is joined


def test_made_people_are_mostly_found(first: Found) -> None:
    world = people(60, seed=1)

    persons = {record.account_id: record.person for record in world.records}
    for group in first.groups:
        assert len({persons[account] for account in group}) <= 2
    assert len(first.groups) < 0.7 * len(set(first.union.group.tolist()))


def test_a_join_tells_how_sure_it_is_whom_it_rests_on_and_why(model: Model) -> None:
    found = find(two_annas(), model=model)

    (join,) = found.joins
    assert (join["founder"], join["label"], join["linked_to"]) == ("erp:1", "crm:1", "crm:1")
    assert isinstance(join["probability"], float)
    assert 0.9 < join["probability"] < 1
    assert set(json.loads(str(join["by_field"]))) >= {"given", "family", "birth"}
    assert found.groups == {frozenset({"crm:1", "erp:1"}), frozenset({"crm:2"})}


def test_groups_of_accounts_are_joined_and_not_their_accounts(model: Model) -> None:
    world = two_annas(keys=("phone:1",)).also(Record("web:9", 0, {}, ("phone:1",)))

    found = find(world, model=model)

    assert [join["founder"] for join in found.joins] == ["erp:1"]
    assert frozenset({"crm:1", "erp:1", "web:9"}) in found.groups


def test_whom_a_steward_keeps_apart_resemblance_does_not_join(model: Model) -> None:
    world = replace(two_annas(), pins=(("crm:1", "erp:1", False),))

    found = find(world, model=model)

    assert found.joins == []
    ((one, other, *_, reason),) = found.likely
    assert (one, other, reason) == ("crm:1", "erp:1", "steward")


def test_two_national_ids_are_two_people_however_alike(model: Model) -> None:
    world = two_annas(keys=("national_id:1",), other_keys=("national_id:2",))

    found = find(world, model=model)

    assert found.joins == []
    assert [row[-1] for row in found.likely] == ["unique"]


def test_where_joining_is_off_nobody_is_weighed(model: Model) -> None:
    found = find(two_annas(), model=model, policy=OFF)

    assert found.linked is None
    assert len(found.groups) == 3


def test_a_careful_house_leaves_the_doubtful_to_the_queue(model: Model) -> None:
    world = people(30, seed=2)

    likely, careful = (find(world, model=model, policy=p) for p in (POLICY, CAREFUL))

    assert all(float(str(join["probability"])) >= 0.99 for join in careful.joins)
    assert all(any(part <= group for group in likely.groups) for part in careful.groups)
    doubtful = {
        frozenset((str(join["founder"]), str(join["linked_to"])))
        for join in likely.joins
        if 0.8 <= float(str(join["probability"])) < 0.99
    }
    queued = {frozenset(row[:2]) for row in careful.likely if row[-1] == "careful"}
    joined = {pair for pair in doubtful if any(pair <= group for group in careful.groups)}
    assert doubtful
    assert doubtful - joined <= queued


# ------------------------------------------------------------------------ what changes nothing


def test_the_order_of_rows_changes_nothing(first: Found) -> None:
    world = people(60, seed=1)
    records = list(world.records)
    Random(9).shuffle(records)

    again = find(World(tuple(records)))

    assert again.model.digest == first.model.digest
    assert outcome(again) == outcome(first)


def test_unrelated_people_change_no_join(first: Found, model: Model) -> None:
    strangers = (
        {"given_name": f"xoq{n}", "family_name": f"yww{n}", "birth_date": f"2001-0{n}-1{n}"}
        for n in range(1, 9)
    )
    world = people(60, seed=1).also(
        *(Record(f"aaa:{n}", 1000 + n, told) for n, told in enumerate(strangers))
    )

    beside = find(world, model=model)

    assert beside.joins == first.joins
    assert beside.likely == first.likely
    assert first.groups <= beside.groups


# ------------------------------------------------------------------------ a part, and the whole


def lived(world: World, *, seed: int) -> tuple[World, set[str]]:
    """Return the world a while later, and whom that touches.

    Two accounts tell another name, one forgets all it knew, one has another phone; some
    persons come, others come again; a steward has said something of two.
    """
    rng = Random(seed)
    maker, records = Maker(rng), list(world.records)
    one, two, three, four = chosen = rng.sample(range(len(records)), k=4)
    records[one] = replace(records[one], details=maker.person())
    records[two] = replace(records[two], details=maker.person())
    records[three] = replace(records[three], identifiers=(f"phone:{rng.randrange(30)}",))
    records[four] = replace(records[four], details={})
    again = [
        replace(rng.choice(records), account_id=f"{rng.choice(['aaa', 'zzz'])}:{n}", identifiers=())
        for n in range(3)
    ]
    more = [
        replace(record, account_id=f"new{record.account_id}")
        for record in people(3, seed=seed + 100).records
    ]
    this, that = sorted(rng.sample(sorted(world.ids), 2))
    touched = {records[place].account_id for place in chosen} | {this, that}
    touched |= {record.account_id for record in (*again, *more)}
    pins = ((this, that, rng.random() < 0.5),)
    return World((*records, *again, *more), pins), touched


@pytest.mark.parametrize(("seed", "policy"), [(0, POLICY), (1, POLICY), (2, CAREFUL), (3, CAREFUL)])
def test_a_part_with_a_memory_comes_out_as_the_whole(
    model: Model, seed: int, policy: Policy
) -> None:
    world = people(30, seed=seed)
    before = find(world, model=model, policy=policy)
    after, touched = lived(world, seed=seed)

    part = in_part(after, touched, before=before, model=model, policy=policy)

    whole = find(after, model=model, policy=policy)
    joins, likely, groups, rows, pairs = outcome(part)
    assert len(part.evidence.accounts) < len(whole.evidence.accounts)
    assert (joins, rows, pairs) == (outcome(whole)[0], *outcome(whole)[3:])
    assert part.groups <= whole.groups
    assert part.likely <= whole.likely
    here = part.evidence.accounts.to_pylist()
    assert {row for row in whole.likely if {*row[:2]} & {*here}} == likely == part.likely
    assert groups == part.groups


def test_a_part_tells_who_is_missing(model: Model) -> None:
    world = two_annas()
    before = find(world.only({"crm:1", "crm:2"}), model=model)

    part = find(world.only({"erp:1"}), model=model, memory=before.memory)

    assert part.linked is not None
    assert part.linked.missing == {"crm:1"}
    assert len(part.linked.joins) == 0
    assert part.linked.label.tolist() == [0]


def test_whoever_lost_whom_he_resembled_is_missing_too(model: Model) -> None:
    world = two_annas()
    before = find(world, model=model)
    changed = World((replace(world.records[1], details=BERTA), *world.records[:1]))

    part = find(changed.only({"erp:1"}), model=model, memory=before.memory)

    # erp:1 resembled crm:1 and resembles crm:2 now
    assert part.linked is not None
    assert part.linked.missing == {"crm:1", "crm:2"}


def test_accounts_of_which_nothing_is_known_are_no_hindrance(model: Model) -> None:
    before = find(two_annas(), model=model)
    nobody = World((Record("web:1", 9, {}), Record("web:2", 9, {})))

    part = find(nobody, model=model, memory=before.memory)

    assert part.linked is not None
    assert part.linked.missing == frozenset()
    assert part.joins == before.joins
    assert outcome(part)[3:] == outcome(before)[3:]


def test_a_join_goes_with_what_was_known_of_the_person(model: Model) -> None:
    world = two_annas()
    before = find(world, model=model)
    silent = tuple(replace(record, details={}) for record in world.records)

    part = find(World(silent), model=model, memory=before.memory)

    assert len(before.joins) == 1
    assert part.joins == []
    assert len(part.groups) == 3
    assert len(part.memory.rows) == 0


# ------------------------------------------------------------------------ without a model


def test_from_too_few_nothing_is_learned_but_their_rows_are_kept() -> None:
    found = find(two_annas())

    assert found.linked is None
    assert found.resemblance.digest == ""
    assert len(found.memory.rows) == 3
    assert len(found.memory.pairs) == len(found.memory.joins) == 0


def test_of_nobody_nothing_is_learned_in_silence(caplog: pytest.LogCaptureFixture) -> None:
    nobody = World((Record("web:1", 9, {}), Record("web:2", 9, {})))

    found = find(nobody)

    assert found.linked is None
    assert len(found.memory.rows) == 0
    assert caplog.messages == []


def test_as_soon_as_there_is_enough_to_learn_from_everybody_is_weighed() -> None:
    world = people(30, seed=3)
    few = find(world.only(sorted(world.ids)[:10]))

    part = find(world.only(sorted(world.ids)[10:]), memory=few.memory)

    # the ten are missing from this part: they have never been weighed
    assert few.linked is None
    assert part.linked is not None
    held = set(few.memory.rows["founder"].to_pylist())
    assert part.linked.missing == held
    assert part.model.digest == find(world).model.digest


def small(model: Model) -> Model:
    """Return a model that was made for few pairs of few rows."""
    limits = model.limits.model_copy(update={"min_pairs": 1})
    trained_on = {**model.trained_on, "rows": 10.0, "pairs": 1.0}
    return model.model_copy(update={"limits": limits, "trained_on": trained_on})


def test_a_register_that_has_outgrown_its_model_gets_a_new_one(first: Found, model: Model) -> None:
    world = people(60, seed=1)

    again = find(world, model=small(model))

    assert again.model.digest == model.digest != small(model).digest
    assert outcome(again) == outcome(first)


def test_where_a_model_is_outgrown_a_part_is_not_enough(model: Model) -> None:
    world = people(60, seed=1)
    memory = find(world.only(sorted(world.ids)[:-1]), model=model).memory

    part = find(world.only(sorted(world.ids)[-1:]), model=small(model), memory=memory)

    assert part.linked is not None
    assert part.linked.missing == set(memory.rows["founder"].to_pylist())


def test_a_register_that_has_not_grown_keeps_its_model(model: Model) -> None:
    old = small(model).model_copy(update={"trained_on": {**model.trained_on, "pairs": 1.0}})

    assert find(people(60, seed=1), model=old).model.digest == old.digest


# ------------------------------------------------------------------------ what is kept


def ground(folder: Path) -> Ground:
    return Ground(POLICY, Vault(folder / "vault", secret_of(b"k" * 32)), models=folder / "models")


def test_what_a_run_knew_is_found_by_the_next(first: Found, tmp_path: Path) -> None:
    home = ground(tmp_path)

    first.resemblance.keep(home, run_id="run-1")

    kept = recalled(home, run_id="run-1")
    assert kept is not None
    for name in ("rows", "pairs", "joins"):
        table: pa.Table = getattr(kept, name)
        assert table.equals(getattr(first.memory, name)), name
    assert recalled(home, run_id="run-2") is None
    assert recalled(Ground(), run_id="run-1") is None
    names = sorted(path.name for path in (tmp_path / "models").iterdir())
    assert names == [f"linkage-{first.model.digest}.json", "linkage.json", "memory"]


def test_no_name_or_date_of_anybody_can_be_read_in_what_is_kept(
    first: Found, tmp_path: Path
) -> None:
    first.resemblance.keep(ground(tmp_path), run_id="run-1")

    files = [path for path in tmp_path.rglob("*") if path.is_file()]
    held = b"".join(path.read_bytes() for path in files)
    told = [value for record in people(60, seed=1).records for value in record.details.values()]
    assert len(files) == 6
    assert told
    assert not [value for value in told if len(value) > 4 and value.encode() in held]


def test_nothing_is_kept_of_a_run_that_weighed_nobody(tmp_path: Path) -> None:
    found = find(two_annas(), policy=OFF)

    found.resemblance.keep(ground(tmp_path), run_id="run-1")

    assert not (tmp_path / "models").exists()


def test_without_a_model_the_rows_alone_are_kept(tmp_path: Path) -> None:
    home = ground(tmp_path)

    find(two_annas()).resemblance.keep(home, run_id="run-1")

    kept = recalled(home, run_id="run-1")
    assert isinstance(kept, Memory)
    assert kept.rows["founder"].to_pylist() == ["crm:1", "crm:2", "erp:1"]
    assert [path.name for path in (tmp_path / "models").iterdir()] == ["memory"]


def test_fields_that_say_nothing_are_left_out() -> None:
    pairs = pa.table({"w_given": [1.234, 0.0], "w_birth": [-2.0, 0.0], "weight": [3.0, 1.0]})

    assert by_field(pairs).to_pylist() == ['{"birth": -2.0, "given": 1.23}', "{}"]
    assert by_field(pairs.select(["weight"])).to_pylist() == ["{}", "{}"]
