"""What holds for every spelling: one form, stable, equal to phonenumbers, equal in SQL."""

from collections.abc import Callable

import duckdb
import phonenumbers
import pyarrow as pa
from hypothesis import example, given, settings
from hypothesis import strategies as st

from graph.codes import IDENTIFIER_KINDS
from graph.identifiers import (
    is_never_linking,
    mask,
    masked_sql,
    never_linking_sql,
    normalise,
)

unhurried = settings(deadline=None)  # a loaded machine is no failure
mobiles = st.from_regex(r"\A1[3-9][0-9]{9}\Z")
dialled = st.tuples(st.sampled_from(["", "+86", "0086", "86", "0", "+860"]), mobiles).map("".join)
separators = st.sampled_from(["", " ", "-", "　", "·", "\u200b"])
kinds = st.sampled_from(IDENTIFIER_KINDS)
# short words over few letters meet the lists and runs often
values = st.one_of(
    st.text(max_size=40),
    st.text("01234567890-@.|nule ", max_size=20),
    st.sampled_from(["test", "NULL", "无", "13800138000", "13888888888", "a@x.com", "00000@q.cn"]),
)


def form(kind: str, value: str) -> str | None:
    found: str | None = normalise(kind, pa.array([value]), region="CN")[0].as_py()
    return found


def in_sql(expression: Callable[[str, str], str], kind: str, *, value: str) -> object:
    row = duckdb.execute(f"SELECT {expression(kind, '$v')}", {"v": value}).fetchone()
    return row[0] if row else None


@unhurried
@given(dialled, st.lists(separators, min_size=17, max_size=17))
def test_mobiles_are_what_phonenumbers_reads(plain: str, between: list[str]) -> None:
    expected = phonenumbers.national_significant_number(phonenumbers.parse(plain, "CN"))

    spelled = "".join(gap + digit for gap, digit in zip(between, plain, strict=False))

    assert form("phone", spelled) == expected


@unhurried
@given(st.text("0123456789+-() ", max_size=18))
def test_other_numbers_are_those_that_phonenumbers_finds_valid(written: str) -> None:
    found = form("phone", written)

    if found is None or (len(found) == 11 and found.startswith("1")):
        return  # none, or a mobile: the test above
    number = phonenumbers.parse(written, "CN")
    assert phonenumbers.is_valid_number(number)
    assert found in (
        phonenumbers.national_significant_number(number),
        phonenumbers.format_number(number, phonenumbers.PhoneNumberFormat.E164),
    )


@unhurried
@given(kinds, values)
def test_a_normal_form_is_its_own_normal_form(kind: str, written: str) -> None:
    found = form(kind, written)

    assert found is None or form(kind, found) == found


@unhurried
@given(kinds, values)
def test_full_width_letters_and_outer_spaces_change_nothing(kind: str, written: str) -> None:
    wide = "".join(chr(ord(c) + 0xFEE0) if "!" <= c <= "~" else c for c in written)

    assert form(kind, f"  {wide}　") == form(kind, written)


@unhurried
@given(kinds, values)
@example("email", "0@|.0")
def test_masks_are_equal_in_python_and_sql(kind: str, written: str) -> None:
    found = form(kind, written)

    if found is not None:
        assert in_sql(masked_sql, kind, value=found) == mask(kind, found)


@unhurried
@given(kinds, values)
def test_values_of_nobody_are_the_same_in_python_and_sql(kind: str, written: str) -> None:
    found = form(kind, written)

    if found is not None:
        assert in_sql(never_linking_sql, kind, value=found) == is_never_linking(kind, found)


@unhurried
@given(st.sampled_from(["phone", "national_id", "member_no", "card_no"]), values)
def test_a_mask_hides_at_least_the_middle(kind: str, written: str) -> None:
    found = form(kind, written)

    if found is not None:
        value = found.partition("|")[2] or found
        shown = mask(kind, found).replace("*", "")
        assert len(shown) <= max(len(value) - 4, 2)
