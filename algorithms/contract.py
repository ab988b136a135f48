"""What an algorithm is: a value that says what it reads, what it writes and how it computes.

Everything that is the same for all algorithms (reading, reducing, checking, writing back,
recording) is done once in ``algorithms.run`` from these declarations. What is special to a
method is one pure function. Command line, API models, documents and contract tests are
derived from the same value.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Literal, TypeAlias, TypedDict, Unpack

import pandas as pd

from algorithms.parameters import Parameters
from graph.errors import ComputeError
from graph.language import Text
from graph.settings import Settings
from graph.spec import PropertySpec, RelationshipSpec

if TYPE_CHECKING:
    from graph.properties import Kind

Stage = Literal["fuse", "resolve", "tag", "model", "report", "activate"]
"""The six steps of the pipeline as people name them; order of execution follows reads."""

Inputs: TypeAlias = Mapping[str, pd.DataFrame]

Explain: TypeAlias = Callable[[Mapping[str, object], Mapping[str, object]], Text]
"""From what is known of one customer, and the metrics of the run, to a sentence or two."""

Outcome = Literal["buys", "does_not_buy", "orders", "spend", "repliers"]
"""What comes of a customer within a horizon: any paid order, none, how many, for how much; or
how many different people answer them."""


@dataclass(frozen=True, slots=True)
class Group:
    """What is known of one segment besides who is in it.

    Parameters
    ----------
    label
        Its name for people.
    profile
        What marks its members: means, signs; JSON values.
    """

    label: Text
    profile: Mapping[str, object] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Result:
    """What ``compute`` found out.

    Parameters
    ----------
    frames
        By label (its key and the declared properties) or by a relationship's name
        (``start_id``, ``end_id`` and the declared properties); one row a key, in the order
        of keys. Money stays a whole number of ten-thousandths.
    metrics
        Fitted parameters, edges and grades, for the record of the run; JSON values.
    notes
        What a reader of the results has to know: a small sample, a failed assumption, a
        coefficient that cannot be estimated. Shown wherever the results are.
    groups
        Of each property in ``Algorithm.segments``, the segments by their codes, those
        without a member included.
    """

    frames: Mapping[str, pd.DataFrame]
    metrics: Mapping[str, object] = field(default_factory=dict)
    notes: tuple[Text, ...] = ()
    groups: Mapping[str, Mapping[str, Group]] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Mathematics:
    """What stands behind a method: the heart of its page. Markdown, formulas between ``$``.

    Parameters
    ----------
    definition
        What is measured, as a formula.
    assumptions
        What has to hold for it to mean that.
    estimator
        How it is computed from data, and what is done at the edges.
    unfit
        What it must not be used for.
    """

    definition: Text
    assumptions: Text
    estimator: Text
    unfit: Text


@dataclass(frozen=True, slots=True)
class Graded:
    """A score of customers that what they do next can judge.

    Parameters
    ----------
    score
        The property of ``Customer``.
    outcome
        What it foretells: a probability of the first two outcomes, or an amount.
    horizon_days
        Within how many days after ``as_of``.
    """

    score: str
    outcome: Outcome
    horizon_days: int


@dataclass(frozen=True, slots=True)
class KnowledgeTable:
    """A table read out of what algorithms wrote: exported, served and read by name.

    Parameters
    ----------
    name, about
        How it is called and what one row is.
    columns
        Its columns, in order.
    elements
        The nodes and relationships that ``query`` reads, by their names.
    query
        SQL over the elements, in the dialect of reductions.
    """

    name: str
    about: Text
    columns: tuple[str, ...]
    elements: tuple[str, ...]
    query: str


@dataclass(frozen=True, slots=True)
class FiledTable:
    """A table of results that is too long for the graph: it lies in the files of each run.

    Parameters
    ----------
    name, about
        How it is called and what one row is.
    identity
        The columns that tell its rows apart, in whose order they stand.
    columns
        All of its columns, in order.
    """

    name: str
    about: Text
    identity: tuple[str, ...]
    columns: tuple[PropertySpec, ...]


@dataclass(frozen=True)
class Algorithm:
    """One method, declared.

    Parameters
    ----------
    name
        Prefix of the properties that it owns.
    version
        Changed whenever equal inputs may give other results.
    about
        What it says about whom, one sentence.
    stage
        The step under which people look for it.
    source
        The paper, book or definition that it follows.
    reads
        Tables and the columns of each that it needs, under their stored names; for
        ``customers``, properties that other algorithms own.
    parameters
        What can be set, with bounds.
    compute
        ``compute(inputs, parameters) -> Result``: pure; no database, file or clock, and
        randomness only from ``parameters.seed``. ``inputs`` holds the frames of ``reduce``,
        or the tables themselves where there is none.
    reduce
        Frames by name: SQL over the tables read and over the one-row table ``parameters``,
        which holds the parameters. It runs in DuckDB, so that large tables shrink before
        Python sees them.
    joins
        Columns by which the reductions only join and group, each with the table whose key it
        is: they see a number in its place.
    prepare
        Tables that the reductions share, by name: SQL like theirs, which may read those
        before it. Each is made once a run.
    properties
        Properties written, by label.
    makes
        Labels whose nodes are its own: it creates them, and removes those it no longer finds.
    links
        Relationships written.
    tables
        Knowledge tables that its results can be read as.
    files
        Results that are kept in ``KITH_HOME/runs/<run_id>/<name>.parquet`` alone.
    mathematics
        What stands behind it, for its page.
    explain
        Says why one customer has the scores that they have, from the method's own parts. Of
        nodes that it makes and leads customers to, it gets theirs as a list of properties
        under the type of the link.
    graded
        Scores that later facts can judge.
    segments
        Code properties of ``Customer`` that place each in one group of a scheme: what becomes
        of a customer there is kept as ``IN_SEGMENT`` whenever it changes.
    remembers
        Own properties of customers that it gets back as they stood before the run, in the
        table ``remembered`` (``customer_id`` and them): without rows where no run of it, or
        only one of a later instant, stands in the graph, in a first import and in an
        evaluation. Not part of what tells runs apart: on equal facts, remembering the result
        must give the same result.
    recalls
        Own properties of customers that it gets as the files of an earlier run hold them, in
        the table ``recalled`` (``customer_id`` and them), so that it can say how good its own
        last word was; without rows where there is no earlier run with these parameters, in a
        first import and in an evaluation. See ``algorithms.recalling``.
    defaults
        What a home sets of its parameters, as texts, read before each run; None: nothing.
        What a command sets wins.
    """

    name: str
    version: str
    about: Text
    stage: Stage
    source: str
    reads: Mapping[str, tuple[str, ...]]
    parameters: type[Parameters]
    compute: Callable[..., Result]
    reduce: Mapping[str, str] = field(default_factory=dict)
    joins: Mapping[str, str] = field(default_factory=dict)
    prepare: Mapping[str, str] = field(default_factory=dict)
    properties: Mapping[str, tuple[PropertySpec, ...]] = field(default_factory=dict)
    makes: frozenset[str] = frozenset()
    links: tuple[RelationshipSpec, ...] = ()
    tables: tuple[KnowledgeTable, ...] = ()
    files: tuple[FiledTable, ...] = ()
    mathematics: Mathematics | None = None
    explain: Explain | None = None
    graded: tuple[Graded, ...] = ()
    segments: tuple[str, ...] = ()
    remembers: tuple[str, ...] = ()
    recalls: tuple[str, ...] = ()
    defaults: Callable[[Settings], Mapping[str, str]] | None = None

    @property
    def outputs(self) -> Mapping[str, tuple[PropertySpec, ...]]:
        """Return the declared columns by frame: labels first, then relationships, then files."""
        links = {link.name: link.properties for link in self.links}
        return {**self.properties, **links, **{table.name: table.columns for table in self.files}}

    def filed(self, name: str) -> FiledTable | None:
        """Return the table of files called ``name``; None if that frame goes to the graph."""
        return next((table for table in self.files if table.name == name), None)


class NothingToSayError(ComputeError):
    """The input is sound and the method can say nothing about it.

    Subclasses say why. What an earlier run of the method said is removed, the reason is kept
    with the run, and the other algorithms of the command go on.
    """


class MissingColumnError(ComputeError):
    """An input lacks a column that the algorithm declared it reads."""

    text = Text(
        "{algorithm}: table {table} has no column {column}. Read it with the columns that "
        "the algorithm declares.",
        "{algorithm}：表 {table} 缺少列 {column}。请按算法声明的列读取。",
    )


class BrokenPromiseError(ComputeError):
    """An algorithm returned something else than it declared; nothing was written."""

    text = Text(
        "{algorithm}: {frame}.{column} {problem}. Nothing was written; this is a fault of the "
        "algorithm, not of the data.",
        "{algorithm}：{frame}.{column} {problem}。未写入任何结果；这是算法的缺陷，与数据无关。",
    )


class PropertyOptions(TypedDict, total=False):
    """What may be said of a computed property besides its name, kind and meaning."""

    unit: str
    minimum: float
    maximum: float
    codes: tuple[str, ...]
    indexed: bool
    owner: str


def owned(name: str, kind: "Kind", *, about: Text, **more: Unpack[PropertyOptions]) -> PropertySpec:
    """Declare a computed property.

    Parameters
    ----------
    name, kind, about
        As in `PropertySpec`.
    more
        Range, unit and the like; ``owner`` where it is not the name's part before ``_``.
    """
    more.setdefault("owner", name.partition("_")[0])
    return PropertySpec(name, kind, about, **more)
