"""Puts resolved accounts beside the truth and measures them, whole and in slices.

Only accounts that both sides know can be graded; whoever is left out is counted and, where
the truth names accounts that do not exist, named.
"""

import json
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Final

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from algorithms.identity.evaluation import UNKNOWN, Grades, Labels, Numbers, Share, grade
from algorithms.identity.slices import Slice, by_sources, by_word, household_sizes
from algorithms.identity.truth import Truth, named, with_pseudonyms
from graph.errors import ComputeError
from graph.language import Text
from graph.reader import Reader
from graph.secret import Secret

NAMED_AT_MOST: Final = 5
MOVES: Final = ("merged", "split")


class NothingInCommonError(ComputeError):
    """The truth and the graph have no resolved account in common."""

    text = Text(
        "None of the {n_truth} accounts of {path} is among the {n_known} accounts of the graph "
        "that have a customer (first of the file: {accounts}). Accounts are named "
        "source:key, as in crm:42; load them and run kith resolve first.",
        "{path} 中的 {n_truth} 个账户均不在图中已归属客户的 {n_known} 个账户之列"
        "（文件前几个：{accounts}）。账户写作 来源：编号，如 crm:42；请先装载并运行 kith resolve。",
    )


@dataclass(frozen=True)
class Coverage:
    """How much of either side could be graded.

    Attributes
    ----------
    n_graded
        Accounts that have a customer and a person.
    n_without_person
        Accounts with a customer of which the truth says nothing.
    n_unresolved
        Accounts of the graph that have no customer yet.
    n_unknown, unknown
        Accounts of the truth that the graph does not hold, and the first of them.
    n_incomplete
        Rows of the truth without account or person.
    """

    n_graded: int
    n_without_person: int
    n_unresolved: int
    n_unknown: int
    n_incomplete: int
    unknown: str = ""


@dataclass(frozen=True)
class Evaluation:
    """Everything that is told of a resolution held against the truth.

    ``rules`` is empty where it is not known by which rule accounts were joined, and
    ``household_sizes`` where the truth names no households.
    """

    coverage: Coverage
    grades: Grades
    source_pairs: Sequence[Slice]
    rules: Sequence[Slice]
    household_sizes: Sequence[Slice]


@dataclass(frozen=True)
class Moved:
    """Accounts that the last run gave another customer, of all that there were before it."""

    run_id: str
    at: datetime | None
    churn: Share


def evaluate(accounts: pa.Table, truth: Truth) -> Evaluation:
    """Grade a partition of accounts.

    Parameters
    ----------
    accounts
        One row an account: ``account_id`` and ``customer_id`` (texts or numbers; null: not
        resolved); ``rule`` where it is known. An array of groups makes one, with
        ``pa.table({"account_id": accounts, "customer_id": group})``.
    truth
        Who they are.

    Raises
    ------
    NothingInCommonError
        If no resolved account is in the truth.
    """
    resolved = accounts.filter(pc.is_valid(accounts["customer_id"]))
    at = pc.index_in(resolved["account_id"], value_set=_flat(truth.rows["account_id"]))
    graded = resolved.filter(pc.is_valid(at))
    coverage = _coverage(accounts, truth, n_resolved=len(resolved), n_graded=len(graded))
    if not len(graded):
        ids = truth.rows["account_id"].slice(0, NAMED_AT_MOST).to_pylist()
        raise NothingInCommonError(
            path=truth.path, n_truth=len(truth.rows), n_known=len(resolved), accounts=named(ids)
        )
    labels = _labels(graded, truth.rows.take(at.filter(pc.is_valid(at))))
    sizes, size_names = household_sizes(labels)
    return Evaluation(
        coverage=coverage,
        grades=grade(labels),
        source_pairs=_of_sources(labels, graded),
        rules=_of_rules(labels, graded) if "rule" in graded.column_names else (),
        household_sizes=by_word(labels, sizes, names=size_names),
    )


def read_resolved(reader: Reader) -> pa.Table:
    """Return all accounts with customer and rule, null where they are not resolved."""
    resolved = reader.table("resolution", ["account_id", "customer_id", "rule"])
    known = reader.table("accounts", ["account_id"])
    at = pc.index_in(known["account_id"], value_set=_flat(resolved["account_id"]))
    return known.append_column("customer_id", resolved["customer_id"].take(at)).append_column(
        "rule", resolved["rule"].take(at)
    )


def evaluate_graph(reader: Reader, truth: Truth, *, secret: Secret) -> Evaluation:
    """Grade what the graph says now.

    Parameters
    ----------
    reader
        Reads ``accounts`` and ``resolution``.
    truth
        As its file names the accounts.
    secret
        Of the home: accounts with personal keys stand under hashes in the graph.

    Raises
    ------
    NothingInCommonError, ContradictoryTruthError
        As ``evaluate`` and ``with_pseudonyms``.
    """
    accounts = read_resolved(reader)
    known = _flat(accounts["account_id"])
    return evaluate(accounts, with_pseudonyms(truth, known, secret=secret))


def last_moves(reader: Reader) -> Moved | None:
    """Return what the latest run of resolution did to ids that there were; None before any.

    Notes
    -----
    The events of merges and splits list the accounts that moved; one whose payload was
    erased does not count.
    """
    runs = reader.element("AlgorithmRun", ["run_id", "kind", "started_at", "counts"])
    runs = runs.filter(pc.equal(runs["kind"], "resolve")).sort_by(
        [("started_at", "ascending"), ("run_id", "ascending")]
    )
    if not len(runs):
        return None
    last = runs.slice(len(runs) - 1).to_pylist()[0]
    events = reader.element("ResolutionEvent", ["run_id", "kind", "payload"])
    told = events.filter(pc.equal(events["run_id"], last["run_id"])).to_pylist()
    moved = _moved(event for event in told if event["kind"] in MOVES)
    at = last["started_at"].astimezone(UTC) if last["started_at"] else None
    return Moved(last["run_id"], at, Share(len(moved), _n_before(runs)))


def _moved(events: Iterable[dict[str, str]]) -> set[str]:
    payloads = (json.loads(event["payload"]) for event in events)
    return {account[0] for payload in payloads for account in payload.get("accounts", ())}


def _n_before(runs: pa.Table) -> int:
    """Return how many accounts the run before the last one left."""
    if len(runs) < 2:
        return 0
    counts = json.loads(runs["counts"][len(runs) - 2].as_py() or "{}")
    return int(counts.get("accounts", 0))


def _coverage(accounts: pa.Table, truth: Truth, *, n_resolved: int, n_graded: int) -> Coverage:
    named_in_truth = truth.rows["account_id"]
    is_held = pc.is_in(named_in_truth, value_set=_flat(accounts["account_id"]))
    unknown = named_in_truth.filter(pc.invert(is_held))
    return Coverage(
        n_graded=n_graded,
        n_without_person=n_resolved - n_graded,
        n_unresolved=len(accounts) - n_resolved,
        n_unknown=len(unknown),
        n_incomplete=truth.n_incomplete,
        unknown=named(unknown.slice(0, NAMED_AT_MOST).to_pylist()),
    )


def _labels(graded: pa.Table, truth: pa.Table) -> Labels:
    columns = {name: _codes(truth[name]) for name in truth.column_names if name != "account_id"}
    return Labels(customer=_codes(graded["customer_id"]), **columns)


def _of_sources(labels: Labels, graded: pa.Table) -> list[Slice]:
    # sources' names hold no colon, and every id begins with one
    named_by = pc.replace_substring_regex(graded["account_id"], "(?s):.*$", "")
    sources = pc.dictionary_encode(_flat(named_by))
    return by_sources(labels, _codes(sources), names=sources.dictionary.to_pylist())


def _of_rules(labels: Labels, graded: pa.Table) -> list[Slice]:
    rules = pc.dictionary_encode(_flat(graded["rule"]))
    slices = by_word(labels, _codes(rules), names=rules.dictionary.to_pylist())
    return sorted(slices, key=lambda slice_: slice_.name)


def _codes(column: pa.ChunkedArray | pa.DictionaryArray) -> Numbers:
    """Return the values as whole numbers, ``UNKNOWN`` for null."""
    flat = _flat(column)
    encoded = flat if pa.types.is_dictionary(flat.type) else pc.dictionary_encode(flat)
    codes = pc.fill_null(encoded.indices, UNKNOWN)
    return np.asarray(codes.to_numpy(zero_copy_only=False), dtype=np.int64)


def _flat(column: pa.ChunkedArray) -> pa.Array:
    return column.combine_chunks() if isinstance(column, pa.ChunkedArray) else column
