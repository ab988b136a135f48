"""What the service has done since it started, as Prometheus reads it.

Labels are route templates, statuses and names of our own queries: never a value out of a
request, so neither the number of lines nor what they tell can grow with what is asked.
"""

import threading
from bisect import bisect_left
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field

# seconds; a customer is to be answered in 0.02, a query ends at the latest after 10 or so
BOUNDS = (0.005, 0.01, 0.02, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0)
MEDIA_TYPE = "text/plain; version=0.0.4; charset=utf-8"

Labels = tuple[tuple[str, str], ...]


@dataclass
class _Durations:
    """How many durations fell under each bound, the last one without a bound."""

    counts: list[int] = field(default_factory=lambda: [0] * (len(BOUNDS) + 1))
    total: float = 0.0

    def add(self, seconds: float) -> None:
        self.counts[bisect_left(BOUNDS, seconds)] += 1
        self.total += seconds


@dataclass(frozen=True, slots=True)
class Gauge:
    """A value as it is now, one by each value of its label."""

    name: str
    about: str
    label: str
    values: Mapping[str, float]


class Metrics:
    """Counts and durations of one process; safe between threads."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._requests: Counter[Labels] = Counter()
        self._durations: dict[str, _Durations] = {}
        self._queries: dict[str, _Durations] = {}

    def note_request(self, *, method: str, route: str, status: int, seconds: float) -> None:
        """Count an answered request; ``route`` is its template."""
        labels = (("method", method), ("route", route), ("status", str(status)))
        with self._lock:
            self._requests[labels] += 1
            self._durations.setdefault(route, _Durations()).add(seconds)

    def note_query(self, *, name: str, seconds: float) -> None:
        """Count a question to the database; ``name`` is the route that asked."""
        with self._lock:
            self._queries.setdefault(name, _Durations()).add(seconds)

    def text(self, gauges: Iterable[Gauge] = ()) -> str:
        """Return everything in Prometheus' text format, sorted."""
        with self._lock:
            lines = [
                *_counter("kith_requests_total", "Requests answered", counts=self._requests),
                *_histogram("kith_request_seconds", "Time to answer", durations=self._durations),
                *_histogram("kith_query_seconds", "Time in the database", durations=self._queries),
            ]
        for gauge in gauges:
            lines += _gauge(gauge)
        return "\n".join(lines) + "\n"


def _counter(name: str, about: str, *, counts: Mapping[Labels, int]) -> Iterator[str]:
    yield from _head(name, about, kind="counter")
    for labels in sorted(counts):
        yield _line(name, counts[labels], labels=labels)


def _histogram(name: str, about: str, *, durations: Mapping[str, _Durations]) -> Iterator[str]:
    yield from _head(name, about, kind="histogram")
    for route in sorted(durations):
        held, below = durations[route], 0
        for bound, count in zip((*map(str, BOUNDS), "+Inf"), held.counts, strict=True):
            below += count
            yield _line(f"{name}_bucket", below, labels=(("route", route), ("le", bound)))
        yield _line(f"{name}_sum", held.total, labels=(("route", route),))
        yield _line(f"{name}_count", below, labels=(("route", route),))


def _gauge(gauge: Gauge) -> Iterator[str]:
    yield from _head(gauge.name, gauge.about, kind="gauge")
    for value in sorted(gauge.values):
        labels = ((gauge.label, value),) if gauge.label else ()
        yield _line(gauge.name, gauge.values[value], labels=labels)


def _head(name: str, about: str, *, kind: str) -> Iterator[str]:
    yield f"# HELP {name} {about}"
    yield f"# TYPE {name} {kind}"


def _line(name: str, value: float, *, labels: Labels) -> str:
    said = ",".join(f'{label}="{_escaped(text)}"' for label, text in labels)
    return f"{name}{{{said}}} {value}" if said else f"{name} {value}"


def _escaped(text: str) -> str:
    return text.replace("\\", r"\\").replace('"', r"\"").replace("\n", r"\n")
