"""Laws of layer 2: no order, no numbering and no stranger changes who is one person."""

from itertools import combinations

import numpy as np
import pyarrow as pa
from hypothesis import given, settings
from hypothesis import strategies as st

from algorithms.identity.linkage.cluster import communities
from algorithms.identity.linkage.model import Model
from algorithms.identity.linkage.rows import match_rows
from algorithms.identity.linkage.score import score, score_between
from algorithms.identity.linkage.settings import derive, read_choices
from algorithms.identity.linkage.training import train
from tests.registers import Linked, linked, made

UNITS = 14
Pairs = dict[tuple[int, int], float]

pairs_of = st.dictionaries(
    st.sampled_from(list(combinations(range(UNITS), 2))),
    st.floats(0.2, 1.0, allow_nan=False),
    max_size=40,
)


def table_of(pairs: Pairs) -> pa.Table:
    ends = [pa.array([pair[side] for pair in pairs], pa.int64()) for side in (0, 1)]
    probability = pa.array(list(pairs.values()), pa.float64())
    return pa.table({"left": ends[0], "right": ends[1], "probability": probability})


def groups(pairs: Pairs, n: int = UNITS) -> set[frozenset[int]]:
    labels = communities(table_of(pairs), n, resolution=0.25).tolist()
    return {frozenset(at for at in range(n) if labels[at] == label) for label in labels}


@settings(max_examples=60, deadline=None)
@given(pairs=pairs_of, seed=st.integers(0, 99))
def test_the_order_of_pairs_says_nothing(pairs: Pairs, seed: int) -> None:
    order = np.random.default_rng(seed).permutation(len(pairs))
    shuffled = {list(pairs)[at]: list(pairs.values())[at] for at in order}

    assert groups(shuffled) == groups(pairs)


@settings(max_examples=60, deadline=None)
@given(pairs=pairs_of, strangers=pairs_of)
def test_strangers_move_no_boundary(pairs: Pairs, strangers: Pairs) -> None:
    # strangers stand before, behind and between: every second unit is one
    own = {(2 * a + 1, 2 * b + 1): p for (a, b), p in pairs.items()}
    others = {(2 * a, 2 * b): p for (a, b), p in strangers.items()}

    together = groups(own | others, 2 * UNITS)

    alone = {frozenset(2 * unit + 1 for unit in group) for group in groups(pairs)}
    assert {group for group in together if min(group) % 2} == alone


@settings(max_examples=60, deadline=None)
@given(pairs=pairs_of)
def test_a_community_is_tied_together_and_numbered_by_its_smallest_unit(pairs: Pairs) -> None:
    labels = communities(table_of(pairs), UNITS, resolution=0.25).tolist()

    firsts = [labels.index(label) for label in range(max(labels) + 1)]
    assert firsts == sorted(firsts)
    for group in groups(pairs):
        reached, inside = {min(group)}, [pair for pair in pairs if set(pair) <= group]
        for _ in group:
            reached |= {unit for pair in inside if set(pair) & reached for unit in pair}
        assert reached == group


SHOP: list[Linked] = []


def shop() -> Linked:
    """Return one register for all examples; training it once takes most of the time."""
    if not SHOP:
        SHOP.append(linked(made([2] * 50 + [1] * 120 + [5] * 6, seed=31)))
    return SHOP[0]


@settings(max_examples=8, deadline=None)
@given(share=st.floats(0.0, 1.0), seed=st.integers(0, 99))
def test_scores_of_what_changed_are_those_of_all_restricted(share: float, seed: int) -> None:
    told = shop()
    changed = np.random.default_rng(seed).random(told.rows.num_rows) < share

    found = score_between(told.model, told.rows, changed=changed)

    left, right = (told.pairs[side].to_numpy() for side in ("left", "right"))
    assert found.equals(told.pairs.filter(pa.array(changed[left] | changed[right])))


@settings(max_examples=5, deadline=None)
@given(seed=st.integers(0, 99))
def test_the_order_of_accounts_changes_neither_model_nor_scores(seed: int) -> None:
    told = shop()
    persons = made([2] * 50 + [1] * 120 + [5] * 6, seed=31).persons
    group = np.random.default_rng(seed).permutation(persons.num_rows)

    rows = match_rows(persons.take(pa.array(group)), group)

    model = train(rows, derive(rows, read_choices()), seed=1)
    assert rows.equals(told.rows)
    assert model.digest == told.model.digest
    assert score(Model.model_validate_json(model.as_json()), rows).equals(told.pairs)


@settings(max_examples=5, deadline=None)
@given(seed=st.integers(0, 99))
def test_the_order_of_rows_changes_no_score(seed: int) -> None:
    told = shop()
    order = np.random.default_rng(seed).permutation(told.rows.num_rows)

    assert score(told.model, told.rows.take(pa.array(order))).equals(told.pairs)
