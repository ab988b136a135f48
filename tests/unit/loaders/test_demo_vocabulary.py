"""The words and articles of the demo company: whole, consistent, and reaching no real person."""

import re
import tomllib
from importlib.resources import files
from itertools import pairwise

import phonenumbers
import pytest

from loaders.demo.manifest import manifest_text
from loaders.demo.profile import RETAIL
from loaders.demo.vocabulary import assortment, shares, table, topics, words


def test_cities_are_about_sixty_and_named_once() -> None:
    cities = [str(row[0]) for row in table("places", "cities")]

    assert 55 <= len(cities) <= 70
    assert len(set(cities)) == len(cities)
    assert all(city.endswith("市") for city in cities)


def test_every_city_has_a_province_a_region_and_a_share() -> None:
    for _, province, region, share in table("places", "cities"):
        assert re.search("省|市|自治区", str(province))
        assert region in {"华北", "东北", "华东", "华中", "华南", "西南", "西北"}
        assert float(share) > 0


def test_surnames_fall_in_frequency_and_are_named_once() -> None:
    names, weights = shares("people", "surnames")

    assert len(set(names)) == len(names) == 100
    assert weights == sorted(weights, reverse=True)
    assert names[:3] == ["王", "李", "张"]


@pytest.mark.parametrize("sex", ["female", "male"])
def test_characters_of_given_names_are_different_chinese_characters(sex: str) -> None:
    characters = words("people", sex)

    assert len(characters) >= 60
    assert all(re.fullmatch("[一-鿿]", character) for character in characters)


@pytest.mark.parametrize("prefix", words("machines", "mobile_prefixes"))
def test_a_mobile_prefix_is_in_use_whatever_follows(prefix: str) -> None:
    for tail in ("00000000", "12345678", "50505050", "99999999"):
        parsed = phonenumbers.parse(prefix + tail, "CN")
        assert phonenumbers.is_valid_number(parsed)


def test_default_phones_are_thirty_and_lead_with_the_best_known() -> None:
    defaults = words("machines", "default_phones")

    assert len(set(defaults)) == len(defaults) == 30
    assert defaults[0] == "13800000000"


def test_mail_hosts_are_reserved_for_examples() -> None:
    hosts, _ = shares("people", "mail_hosts")

    assert all(re.fullmatch(r"(\w+\.)*example(\.(com|net|org))?", host) for host in hosts)


def test_every_topic_has_three_sentences_with_room_for_an_article() -> None:
    for _, sentences in topics():
        assert [sentence.count("{}") for sentence in sentences] == [1, 1, 1]


def test_leaves_are_named_once_and_cheapest_first() -> None:
    leaves = [
        leaf
        for department in assortment()["department"]
        for group in department["groups"].values()
        for leaf in group
    ]

    names = [name for name, _, _ in leaves]
    assert len(set(names)) == len(names)
    assert all(0 < low < high for _, low, high in leaves)


def test_pairs_name_leaves() -> None:
    names = {
        leaf[0]
        for department in assortment()["department"]
        for group in department["groups"].values()
        for leaf in group
    }

    pairs = assortment()["pairs"]

    assert {name for pair in pairs for name in pair} <= names
    assert ["手机", "手机壳"] in [list(pair) for pair in pairs]


def test_actions_are_twelve_and_in_order() -> None:
    actions = assortment()["campaign"]

    assert len(actions) == 12
    assert all(a["start"] < b["start"] for a, b in pairwise(actions))
    assert all(0 <= action["discount"] < 50 and action["cost"] > 0 for action in actions)


def test_the_manifests_template_is_toml_already() -> None:
    template = tomllib.loads(files("loaders.demo").joinpath("company.toml").read_text("utf-8"))

    assert [source["name"] for source in template["source"]] == [
        "erp", "crm", "pos", "web", "call", "community", "partner",
    ]  # fmt: skip


def test_a_source_without_files_is_refused() -> None:
    with pytest.raises(KeyError, match="erp"):
        manifest_text({})


def test_rates_of_the_retail_profile_are_shares() -> None:
    rates = {
        field: value
        for field, value in vars(RETAIL).items()
        if isinstance(value, float) and not field.endswith(("per_customer", "per_order"))
    }

    assert len(rates) > 15
    assert all(0 <= rate <= 1 for rate in rates.values()), rates
    assert all(0 <= share <= 1 for share in RETAIL.joined.values())


def test_household_sizes_add_up_to_one() -> None:
    assert sum(RETAIL.household_sizes) == pytest.approx(1.0)


def test_who_is_met_nowhere_else_is_met_in_a_known_system() -> None:
    assert set(RETAIL.only) <= set(RETAIL.joined)
