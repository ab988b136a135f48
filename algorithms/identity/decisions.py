"""The record of stewards' decisions: a file beside the staged facts that only grows.

What a steward decided is no knowledge that could be computed again, so it does not live in
the graph: a rebuild reads it from here. One line of JSON a decision, written whole or not at
all and flushed to the disk before the graph is touched.
"""

import json
import os
from collections.abc import Iterable, Sequence
from dataclasses import asdict, fields, replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Final

from algorithms.identity.words import Word, standing
from graph.errors import ConfigurationError
from graph.language import Text
from graph.settings import Settings

FILE: Final = "decisions.jsonl"


class DecisionsError(ConfigurationError):
    """The record of decisions cannot be read."""

    text = Text(
        "The record of decisions {path} is damaged in line {line}: {problem}. Restore it from a "
        "backup; nothing was overwritten.",
        "决定记录 {path} 第 {line} 行已损坏：{problem}。请从备份恢复；未覆盖任何内容。",
    )


class ContradictionError(ConfigurationError):
    """A decision contradicts others that stand."""

    http_status = 409
    text = Text(
        "{one} and {other} cannot be {verb}: that contradicts {decisions}. Undo those first: kith "
        "identity undo.",
        "{one} 与 {other} 不能设为 {verb}：与 {decisions} 矛盾。请先撤销：kith identity undo。",
    )


def decisions_file(settings: Settings) -> Path:
    """Return where the decisions of a home are recorded."""
    return settings.home / FILE


def read_decisions(path: Path) -> list[Word]:
    """Return every decision, oldest first.

    Raises
    ------
    DecisionsError
        If a line is no decision.
    """
    if not path.exists():
        return []
    # a line without an end was cut off while it was written: nothing was done about it
    lines = path.read_bytes().decode().split("\n")[:-1]
    return [_word(path, line, number=n) for n, line in enumerate(lines, start=1)]


def record(path: Path, words: Sequence[Word]) -> list[Word]:
    """Append decisions; the caller holds the lock on writing.

    A decision whose ``key`` is recorded already is not recorded again.

    Returns
    -------
    The decisions as recorded, now or before, with their ids and times.

    Raises
    ------
    ContradictionError
        If a pair would have to be one person and two. Nothing is recorded then.
    DecisionsError
        If the record is damaged.
    """
    spoken = read_decisions(path)
    known = {word.key: word for word in spoken if word.key}
    if words and words[0].key in known:
        return [word for word in spoken if word.key == words[0].key]
    at = datetime.now(UTC).isoformat(timespec="milliseconds")
    fresh = [
        replace(word, decision_id=f"d{number:06d}", at=at)
        for number, word in enumerate(words, start=len(spoken) + 1)
    ]
    refuse_contradictions([*spoken, *fresh])
    _append(path, fresh)
    return fresh


def refuse_contradictions(spoken: Iterable[Word]) -> None:
    """Refuse decisions of which some keep apart what others put together.

    Raises
    ------
    ContradictionError
        It names the decisions that put together what the last one keeps apart, or the
        reverse.
    """
    pins = [word for word in standing(spoken) if word.verb in ("together", "apart")]
    for last in [pin for pin in pins if pin.verb == "apart"]:
        chain = _chain(*last.accounts, pins=[pin for pin in pins if pin.verb == "together"])
        if chain:
            newest = max([last, *chain], key=lambda word: word.decision_id)
            others = [word.decision_id for word in (last, *chain) if word is not newest]
            one, other = newest.accounts
            raise ContradictionError(
                one=one, other=other, verb=newest.verb, decisions=", ".join(others)
            )


def _chain(one: str, other: str, *, pins: Sequence[Word]) -> list[Word]:
    """Return the decisions that put two accounts together, step by step; none if they do not."""
    reached: dict[str, list[Word]] = {one: []}
    edge = [one]
    while edge:
        here = edge.pop(0)
        for pin in pins:
            if here in pin.accounts:
                there = pin.accounts[1 - pin.accounts.index(here)]
                if there not in reached:
                    reached[there] = [*reached[here], pin]
                    edge.append(there)
    return reached.get(other, [])


def _append(path: Path, words: Sequence[Word]) -> None:
    lines = "".join(json.dumps(asdict(word), ensure_ascii=False) + "\n" for word in words)
    descriptor = os.open(path, os.O_RDWR | os.O_CREAT | os.O_APPEND, 0o600)
    try:
        whole = os.read(descriptor, os.fstat(descriptor).st_size).rfind(b"\n") + 1
        os.ftruncate(descriptor, whole)
        os.write(descriptor, lines.encode())
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def _word(path: Path, line: str, *, number: int) -> Word:
    try:
        held = json.loads(line)
        named = {field.name: held[field.name] for field in fields(Word)}
        return Word(**{**named, "accounts": tuple(named["accounts"])})
    except (ValueError, KeyError, TypeError) as error:
        raise DecisionsError(path=path, line=number, problem=repr(error)) from None
