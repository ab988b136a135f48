"""What algorithms promise each other, checked when they are listed."""

from dataclasses import replace

import pytest

from algorithms import rfm
from algorithms.contract import Algorithm, KnowledgeTable, owned
from algorithms.registry import (
    REGISTRY,
    RegistrationError,
    Registry,
    UnknownAlgorithmError,
    computed_spec,
)
from graph.language import Text
from graph.spec import RelationshipSpec, fact_spec


def toy(name: str, *, reads: tuple[str, ...] = (), writes: str = "") -> Algorithm:
    """Return an algorithm that reads and writes properties of customers."""
    return replace(
        rfm.ALGORITHM,
        name=name,
        reads={"customers": reads} if reads else {},
        properties={
            "Customer": (owned(writes or f"{name}_x", "number", about=Text("", ""), owner=name),)
        },
    )


def names(algorithms: tuple[Algorithm, ...]) -> list[str]:
    return [algorithm.name for algorithm in algorithms]


def test_each_runs_after_those_whose_results_it_reads() -> None:
    registry = Registry((toy("c", reads=("b_x",)), toy("b", reads=("a_x",)), toy("a")))

    assert names(registry.ordered()) == ["a", "b", "c"]
    assert names(registry.ordered(["c", "a"])) == ["a", "c"]


def test_readers_of_a_knowledge_table_run_after_its_owner() -> None:
    table = KnowledgeTable("pairs", Text("", ""), (), elements=(), query="")
    owner = replace(toy("b"), tables=(table,))
    reader = replace(toy("a"), reads={"pairs": ("n",)})

    assert names(Registry((reader, owner)).ordered()) == ["b", "a"]


def test_those_that_need_nothing_of_each_other_keep_their_order() -> None:
    assert names(Registry((toy("b"), toy("a"))).ordered()) == ["b", "a"]


def test_a_circle_is_refused_when_it_is_registered() -> None:
    with pytest.raises(RegistrationError, match="waits for its own result"):
        Registry((toy("a", reads=("b_x",)), toy("b", reads=("a_x",))))


def test_a_property_has_one_owner() -> None:
    with pytest.raises(RegistrationError, match=r"Customer\.a_x already belongs to a"):
        Registry((toy("a"), toy("b", writes="a_x")))


def test_a_name_is_given_once() -> None:
    with pytest.raises(RegistrationError, match="already belongs"):
        Registry((toy("a"), toy("a", writes="a_y")))


def test_a_relationship_has_one_owner() -> None:
    link = RelationshipSpec("LIKES", "Customer", "Product")

    with pytest.raises(RegistrationError, match="Customer-LIKES-Product already belongs to a"):
        Registry((replace(toy("a"), links=(link,)), replace(toy("b"), links=(link,))))


def test_a_property_begins_with_its_owner() -> None:
    with pytest.raises(RegistrationError, match="must begin with a_"):
        Registry((toy("a", writes="score"),))


def test_four_properties_belong_to_nobody_in_name() -> None:
    Registry((toy("a", writes="circle_id"),))


def test_the_declared_owner_is_the_algorithm() -> None:
    with pytest.raises(RegistrationError, match="owned by 'rfm'"):
        Registry((replace(rfm.ALGORITHM, name="other"),))


def test_an_unknown_name_is_answered_with_those_that_exist() -> None:
    with pytest.raises(UnknownAlgorithmError, match="There are: rollup, rfm, copurchase"):
        REGISTRY.named("rmf")


def test_the_whole_graph_holds_facts_and_results() -> None:
    spec = computed_spec()

    owners = {p.name: p.owner for p in spec.nodes["Customer"].properties}
    assert owners["rfm_r"] == "rfm"
    assert owners["first_seen_at"] == "rollup"
    assert spec.relationships["Brand-ALSO_BOUGHT-Brand"].properties[0].owner == "copurchase"
    assert set(fact_spec().relationships) < set(spec.relationships)


def maker(name: str, *, of: str) -> Algorithm:
    """Return an algorithm that makes nodes with a property whose name shows no owner."""
    size = owned("size", "integer", about=Text("", ""), owner=name)
    return replace(toy(name), properties={of: (size,)}, makes=frozenset({of}))


def test_on_nodes_of_its_own_an_algorithm_names_properties_as_it_likes() -> None:
    registry = Registry((maker("a", of="Household"),))

    declared = registry.spec(fact_spec()).nodes["Household"].properties
    assert [p.name for p in declared] == ["household_id", "size"]


def test_nodes_have_one_maker() -> None:
    other = replace(maker("b", of="Household"), properties={})

    with pytest.raises(RegistrationError, match="every Household already belongs to a"):
        Registry((maker("a", of="Household"), other))


def test_nodes_that_others_made_take_prefixed_properties_alone() -> None:
    stranger = replace(maker("a", of="Customer"), makes=frozenset())

    with pytest.raises(RegistrationError, match="size must begin with a_"):
        Registry((stranger,))
