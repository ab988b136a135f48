"""The rules of the golden record as a file, and the order of belief."""

from pathlib import Path
from typing import get_args

import pytest

from algorithms.golden import FIELDS
from algorithms.golden_policy import (
    Field,
    GoldenPolicyError,
    home_policy,
    read_golden_policy,
    shipped_policy,
)
from algorithms.identity.golden_values import PERSONAL
from graph.language import speaking
from graph.settings import read_settings
from graph.spec import fact_spec
from graph.vault import MANY


def file_of(folder: Path, text: str) -> Path:
    path = folder / "golden.toml"
    path.write_text(text, encoding="utf-8")
    return path


def test_the_shipped_rules_speak_of_every_field_there_is() -> None:
    policy = shipped_policy()

    assert set(policy.fields) == set(get_args(Field)) == {*FIELDS, *PERSONAL}
    kind = fact_spec().tables["accounts"].column("kind")
    assert set(policy.kinds) == set(kind.codes)


def test_the_fields_are_those_that_accounts_have() -> None:
    columns = {c.name: c for c in fact_spec().tables["accounts"].columns}

    assert all(not columns[name].personal for name in FIELDS)
    assert all(columns[name].personal for name in PERSONAL if name not in MANY)
    assert all(columns[name].kind in ("text", "code", "integer") for name in FIELDS)


def test_a_file_overrides_single_values(tmp_path: Path) -> None:
    text = 'sources = ["erp", "crm"]\n[fields]\ncity = "most_frequent"\n'

    policy = read_golden_policy(file_of(tmp_path, text))

    assert policy.sources == ("erp", "crm")
    assert policy.fields["city"] == "most_frequent"
    assert policy.fields == {**shipped_policy().fields, "city": "most_frequent"}
    assert shipped_policy().fields["city"] != "most_frequent"
    assert policy.kinds == shipped_policy().kinds


def test_a_home_may_have_a_file_of_its_own(tmp_path: Path) -> None:
    settings = read_settings(home=tmp_path)
    before = home_policy(settings)
    file_of(tmp_path, '[fields]\nphone = "latest"\n')

    after = home_policy(settings)

    assert before == shipped_policy()
    assert after.fields["phone"] == "latest"


@pytest.mark.parametrize(
    ("text", "place"),
    [
        ('[fields]\ncity = "newest"\n', "fields.city"),
        ('[fields]\nshoe_size = "latest"\n', "fields.shoe_size"),
        ('kinds = ["robot"]\n', "kinds.0"),
        ('sources = "crm"\n', "sources"),
        ("fields = 3\n", "fields"),
        ("colour = 1\n", "colour"),
        ("[fields\n", "file"),
    ],
)
def test_a_wrong_file_is_refused_by_place(tmp_path: Path, *, text: str, place: str) -> None:
    with pytest.raises(GoldenPolicyError, match=r"golden\.toml") as refused:
        read_golden_policy(file_of(tmp_path, text))

    assert str(refused.value.facts["place"]).startswith(place)


def test_a_refusal_speaks_both_languages(tmp_path: Path) -> None:
    with pytest.raises(GoldenPolicyError) as refused:
        read_golden_policy(tmp_path / "nowhere.toml")

    with speaking("zh"):
        assert str(refused.value).startswith("黄金记录规则")


def test_named_sources_are_believed_first_then_kinds_then_names(tmp_path: Path) -> None:
    policy = read_golden_policy(file_of(tmp_path, 'sources = ["erp", "crm"]\n'))
    accounts: list[tuple[str, str | None]] = [
        ("web", "visitor"),
        ("crm", "member"),
        ("shop", "member"),
        ("erp", "visitor"),
        ("forum", None),
        ("app", "member"),
    ]

    places = policy.trust(accounts)

    ordered = [name for _, (name, _) in sorted(zip(places, accounts, strict=True))]
    assert ordered == ["erp", "crm", "app", "shop", "web", "forum"]


def test_equal_accounts_are_believed_alike() -> None:
    places = shipped_policy().trust([("crm", "member"), ("web", None), ("crm", "member")])

    assert places == [0, 1, 0]
