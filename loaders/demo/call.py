"""The call centre: service cases in an Excel workbook, keyed by the number that rang.

Agents type numbers as they hear them: with spaces, with +86, in full-width digits, and wrong.
"""

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from loaders.demo.calendar import IN_SHOP, busyness_at, day_of, intensity, seconds_in
from loaders.demo.company import Company, Export, first_owners
from loaders.demo.dirt import as_typed, names_given, slipped
from loaders.demo.draw import Ints, chance, ragged, weighted
from loaders.demo.files import Extract
from loaders.demo.profile import CLOSES, DAY, OPENS
from loaders.demo.text import clock, keys, number, overwritten, pick
from loaders.demo.vocabulary import table


def export(company: Company) -> Export:
    """Return the workbook and who stands behind each number."""
    profile, rng = company.profile, company.stream("calls")
    callers = company.registers["call"].person
    owner, _ = ragged(1 + rng.poisson(0.35, len(callers)))
    person, at = _by_time(company, callers[owner], rng=rng)
    right = company.people.phone[person]
    phone = slipped(right, rate=profile.call_slips, hits=profile.slips_that_hit, rng=rng)
    rows = _rows(company, person, at=at, phone=phone)
    number_keys, persons = first_owners(number(phone), person, is_slip=phone != right)
    counts = {"accounts": len(persons), "identifiers": len(persons), "tickets": len(at)}
    extracts = (Extract("tickets", "call/tickets.xlsx", rows),)
    return Export("call", extracts, number_keys, persons, counts)


def _by_time(company: Company, person: Ints, *, rng: np.random.Generator) -> tuple[Ints, Ints]:
    cumulated = intensity(company.campaigns)
    start = busyness_at(np.maximum(company.people.joined_at[person], OPENS), cumulated)
    day = day_of(start + (cumulated[-1] - start) * rng.random(len(person)), cumulated)
    at = seconds_in(day, hours=IN_SHOP, rng=rng)
    order = np.argsort(at, kind="stable")
    return person[order], at[order]


def _rows(company: Company, person: Ints, *, at: Ints, phone: Ints) -> pa.Table:
    rng, n = company.stream("tickets"), len(person)
    reasons = table("call", "reasons")
    reason = weighted(rng, [float(row[1]) for row in reasons], n=n)
    kinds, notes = ([str(row[place]) for row in reasons] for place in (0, 2))
    article = company.tastes.choose(rng, person, days=at // DAY)
    closed = np.minimum(at + rng.integers(600, 6 * DAY, n), CLOSES - 1)
    # a complaint leaves a worse mark
    mark = np.clip(rng.normal(np.where(reason == 1, 55, 82), 14), 0, 100).astype(np.int64)
    name = names_given(company.people, person, differs=company.profile.name_differs, rng=rng)
    return pa.table(
        {
            "工单号": keys("T", np.arange(n) + 1, width=7),
            "来电号码": as_typed(phone, weights=(0.5, 0.2, 0.1, 0.12, 0.08), rng=rng),
            "客户姓名": overwritten(name, chance(rng, 0.3, n=n), by=None),
            "工单类型": pick(kinds, reason),
            "商品编码": overwritten(
                pick(company.catalogue.keys, article), chance(rng, 0.25, n=n), by=None
            ),
            "受理时间": _minute(at),
            "完结时间": overwritten(_minute(closed), chance(rng, 0.06, n=n), by=None),
            "满意度": overwritten(number(mark), chance(rng, 0.4, n=n), by=None),
            "备注": pick(notes, reason),
        }
    )


def _minute(seconds: Ints) -> pa.Array:
    """Write a time as office software does: 2025/03/05 14:03."""
    return pc.replace_substring(pc.utf8_slice_codeunits(clock(seconds), 0, 16), "-", "/")
