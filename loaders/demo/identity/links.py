"""Which record carries which identifier, and what identifiers alone can link.

If every identifier were split by person, so that two people under one number had one each,
the records still joined would be those of one person. That is the most that any method can
link that looks at identifiers only: the *oracle*.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from loaders.demo.draw import Flags, Ints

# kinds that several records can share; an open id or a card number is one record's alone
KINDS = ("phone", "email", "cookie", "device", "union_id", "member_no")
_CODE_BITS, _KIND_BITS = 35, 3  # phones are the widest codes; 24 bits are left for persons


@dataclass(frozen=True)
class Links:
    """Records of one system and the identifiers that are somebody's on them.

    ``code`` tells identifiers of one kind apart: a number itself, or whose cookie it is. What
    is nobody's (a default, a shop's phone, a kiosk's cookie) has no link.
    """

    record: Ints
    kind: Ints
    code: Ints

    def __len__(self) -> int:
        """Return the number of links."""
        return len(self.record)


def links(kind: str, code: Ints, *, where: Flags) -> Links:
    """Link the records flagged, record i to ``code[i]``."""
    record = np.flatnonzero(where)
    return Links(record, np.full(len(record), KINDS.index(kind)), code[record])


def joined(parts: Sequence[Links], *, starts: Sequence[int] | None = None) -> Links:
    """Put links together; the records of part i are counted from ``starts[i]``."""
    offsets = starts or [0] * len(parts)
    return Links(
        np.concatenate([p.record + offset for p, offset in zip(parts, offsets, strict=True)]),
        np.concatenate([part.kind for part in parts]),
        np.concatenate([part.code for part in parts]),
    )


def oracle(person: Ints, known: Links) -> Ints:
    """Return for each record the first record that identifiers link it to, or itself.

    Parameters
    ----------
    person
        Who each record is, at most 16 million.
    known
        The links of all these records.
    """
    from scipy.sparse import coo_array
    from scipy.sparse.csgraph import connected_components

    owner = (person[known.record] << (_CODE_BITS + _KIND_BITS)) | (known.kind << _CODE_BITS)
    split = owner | known.code
    order = np.argsort(split, kind="stable")
    is_same = split[order][1:] == split[order][:-1]
    one, other = (known.record[order[side]][is_same] for side in (np.s_[:-1], np.s_[1:]))
    pairs = coo_array((np.ones(len(one), dtype=np.bool_), (one, other)), shape=(len(person),) * 2)
    _, component = connected_components(pairs, directed=False)
    first = np.full(len(person), len(person))
    np.minimum.at(first, component, np.arange(len(person)))
    group: Ints = first[component]
    return group
