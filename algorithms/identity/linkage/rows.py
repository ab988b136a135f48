"""One row a customer of layer 1, with the columns that a probabilistic match compares.

The vault holds what each source wrote; two records of one person differ in script, order,
width, accents, titles. Here every column gets one spelling and the keys under which records
are brought together: pinyin, sound, month and day, the part of an e-mail before the @.
"""

from collections.abc import Callable, Mapping, Sequence
from typing import Final

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

from algorithms.identity.linkage import spelling
from graph.engine import unspilling

Numbers = npt.NDArray[np.int64]
Convert = Callable[[list[str]], Sequence[str | None]]

PLAIN: Final[Mapping[str, Convert]] = {
    "birth_date": spelling.dates,
    "gender": spelling.genders,
    "address": spelling.folded,
    "postcode": spelling.compact,
    "city": spelling.folded,
    "region": spelling.folded,
    "occupation": spelling.folded,
    "national_id": spelling.compact,
    "source": list,
}
LISTS: Final[Mapping[str, Callable[[pa.Array], pa.Array]]] = {
    "phone": spelling.phones,
    "email": spelling.emails,
}


def match_rows(persons: pa.Table, group: Numbers) -> pa.Table:
    """Return one row a group with the columns to match on.

    Parameters
    ----------
    persons
        One row an account: ``account_id`` and any of ``full_name``, ``given_name``,
        ``family_name``, ``birth_date`` (ISO text), ``birth_year``, ``gender``, ``address``,
        ``postcode``, ``city``, ``region``, ``occupation``, ``phone`` and ``email`` (lists of
        texts), ``national_id``, ``source``. Other columns are not looked at.
    group
        The customer of layer 1 of each row, 0 to n - 1.

    Returns
    -------
    ``unit`` (int64, ascending: the groups), and for what is there one value a group, the most
    frequent one, of several the smallest: ``given``, ``family`` (folded), ``given_key``,
    ``family_key`` (romanised), ``given_first``, ``given_start``, ``given_sound``,
    ``family_sound``, ``name_key`` (both, in the order of letters), ``birth_date``,
    ``birth_year``, ``birth_day`` (``MM-DD``), ``gender``, ``address``, ``address_key``,
    ``address_words`` (list), ``postcode``, ``city``, ``region``, ``occupation``, ``phone``,
    ``phones`` (list), ``phone_tail``, ``email``, ``emails`` (list), ``email_user``,
    ``national_id``, ``source`` (null where a group has several). A column that no row fills
    is absent.
    """
    told = {name: persons[name] for name in persons.column_names}
    single = _names(told) | {
        name: spelling.each(told[name], convert) for name, convert in PLAIN.items() if name in told
    }
    single |= _years(told)
    units = _aggregated(single, told, group=group)
    return _filled(_derived(units))


def _names(told: Mapping[str, pa.ChunkedArray]) -> dict[str, pa.Array]:
    """Return folded given and family names, taken from the whole name where they lack."""
    found = {
        short: spelling.each(told[column], spelling.name_words)
        for short, column in (("given", "given_name"), ("family", "family_name"))
        if column in told
    }
    if "full_name" not in told:
        return found
    for short, part in _divided(told["full_name"]).items():
        found[short] = pc.coalesce(found[short], part) if short in found else part
    return found


def _divided(names: pa.ChunkedArray) -> dict[str, pa.Array]:
    coded = names.cast(pa.string()).combine_chunks().dictionary_encode()
    parts = spelling.divided(coded.dictionary.to_pylist())
    return {
        short: pa.array([part[place] for part in parts], pa.string()).take(coded.indices)
        for place, short in enumerate(("given", "family"))
    }


def _years(told: Mapping[str, pa.ChunkedArray]) -> dict[str, pa.Array]:
    known = [
        spelling.each(told[column], spelling.years)
        for column in ("birth_date", "birth_year")
        if column in told
    ]
    return {"birth_year": pc.coalesce(*known).cast(pa.int32())} if known else {}


def _aggregated(
    single: Mapping[str, pa.Array],
    told: Mapping[str, pa.ChunkedArray],
    *,
    group: Numbers,
) -> dict[str, pa.Array]:
    """Return a value a group for every column, lists for phones and e-mails."""
    n = int(group.max(initial=-1)) + 1
    units: dict[str, pa.Array] = {"unit": pa.array(np.arange(n))}
    units |= _whole_names(single, group=group, n=n)
    for name, column in single.items():
        if name in units:
            continue
        units[name] = _chosen(ONLY if name == "source" else MOST_FREQUENT, column, group=group, n=n)
    for name, convert in LISTS.items():
        if name in told:
            lists = told[name].combine_chunks()
            values = convert(pc.list_flatten(lists))
            owner = group[pc.list_parent_indices(lists).to_numpy()]
            units[name] = _chosen(MOST_FREQUENT, values, group=owner, n=n)
            units[f"{name}s"] = _chosen(ALL, values, group=owner, n=n)
    return units


def _whole_names(single: Mapping[str, pa.Array], *, group: Numbers, n: int) -> dict[str, pa.Array]:
    """Choose given and family name together: of two spellings never half of each."""
    if "given" not in single or "family" not in single:
        return {}
    given, family = (pc.fill_null(single[short], "") for short in ("given", "family"))
    # complete names come first in the order of choice, then frequent ones
    lacking = pc.add(pc.equal(given, "").cast(pa.int8()), pc.equal(family, "").cast(pa.int8()))
    both = pc.binary_join_element_wise(lacking.cast(pa.string()), given, family, PART)
    chosen = _chosen(FULLEST, pc.if_else(pc.less(lacking, 2), both, None), group=group, n=n)
    parts = pc.split_pattern(chosen, PART)
    return {
        short: _unless_empty(pc.list_element(parts, place))
        for place, short in ((1, "given"), (2, "family"))
    }


def _unless_empty(texts: pa.Array) -> pa.Array:
    return pc.if_else(pc.equal(texts, ""), None, texts)


PART: Final = "\x1f"  # between the parts of a name while they are chosen together
# of values named equally often the smallest, so that the order of rows says nothing
MOST_FREQUENT: Final = """
SELECT unit, arg_min(value, struct_pack(n := -n, value := value)) AS value
FROM (SELECT unit, value, count(*) AS n FROM named GROUP BY unit, value) GROUP BY unit
"""
FULLEST: Final = """
SELECT unit,
    arg_min(value, struct_pack(lacking := left(value, 1), n := -n, value := value)) AS value
FROM (SELECT unit, value, count(*) AS n FROM named GROUP BY unit, value) GROUP BY unit
"""
ONLY: Final = """
SELECT unit, min(value) AS value FROM named GROUP BY unit HAVING min(value) = max(value)
"""
ALL: Final = "SELECT unit, list_sort(list(DISTINCT value)) AS value FROM named GROUP BY unit"


def _chosen(query: str, values: pa.Array, *, group: Numbers, n: int) -> pa.Array:
    """Return the value that ``query`` chooses for each of ``n`` groups, null where it has none."""
    if query != ALL and len(values) == n and int(np.bincount(group, minlength=1).max()) == 1:
        return values.take(pa.array(np.argsort(group)))
    connection = unspilling()
    named = pa.table({"unit": group, "value": values})
    connection.register("named", named.filter(pc.is_valid(named["value"])))
    chosen = connection.sql(query).to_arrow_table()
    connection.close()
    at = pc.index_in(pa.array(np.arange(n)), value_set=chosen["unit"])
    return chosen["value"].combine_chunks().take(at)


def _derived(units: Mapping[str, pa.Array]) -> dict[str, pa.Array]:
    """Add the keys under which rows are brought together."""
    found = dict(units)
    for short in ("given", "family"):
        if short in units:
            found |= _name_keys(units[short], short=short)
    if "given" in found and "family" in found:
        found["name_key"] = _in_order(found["given_first"], found["family_key"])
    if "birth_date" in found:
        found["birth_day"] = pc.utf8_slice_codeunits(found["birth_date"], 5)
    if "address" in found:
        found |= _address_keys(found["address"])
    if "phone" in found:
        found["phone_tail"] = pc.utf8_slice_codeunits(found["phone"], -8)
    if "email" in found:
        found["email_user"] = pc.replace_substring_regex(found["email"], r"(\+.*)?@.*$", "")
    return found


def _name_keys(names: pa.Array, *, short: str) -> dict[str, pa.Array]:
    surname = short == "family"
    key = spelling.each(names, lambda texts: spelling.romanised(texts, surname=surname))
    # of several words the first; a name of Han characters is one word
    first = spelling.each(names, lambda texts: [text.split(" ")[0] for text in texts])
    first = spelling.each(first, lambda texts: spelling.romanised(texts, surname=surname))
    keys = {
        f"{short}_key": key,
        f"{short}_start": pc.utf8_slice_codeunits(key, 0, 3),
        f"{short}_sound": spelling.each(first, spelling.sounding),
    }
    return keys if surname else {**keys, "given_first": first}


def _in_order(one: pa.Array, other: pa.Array) -> pa.Array:
    """Join two texts, the smaller first: a name in either order gives the same key."""
    ahead = pc.less(one, other)
    first, second = pc.if_else(ahead, one, other), pc.if_else(ahead, other, one)
    return pc.binary_join_element_wise(first, second, " ")


def _address_keys(addresses: pa.Array) -> dict[str, pa.Array]:
    coded = addresses.dictionary_encode()
    words = [spelling.address_words(text) for text in coded.dictionary.to_pylist()]
    lists = pa.array(words, pa.list_(pa.string())).take(coded.indices)
    return {"address_words": lists, "address_key": pc.binary_join(lists, " ")}


def _filled(units: Mapping[str, pa.Array]) -> pa.Table:
    kept = {name: column for name, column in units.items() if column.null_count < len(column)}
    return pa.table({"unit": units["unit"], **kept})
