"""The policy by which accounts were last resolved, as the run recorded it."""

import json

from algorithms.identity.policy import Policy, read_policy
from api.views import Ask, Row

CURRENT = """
MATCH (r:AlgorithmRun {algorithm: 'identity', is_current: true})
WHERE r.kind = 'resolve'
RETURN r.run_id AS run_id, r.parameters AS parameters
ORDER BY r.started_at DESC
LIMIT 1
"""


def policy_in_force(ask: Ask) -> Policy:
    """Return the policy of the last resolution; the shipped one before the first.

    A run of a version that recorded its policy in another form is explained by the shipped
    policy: which evidence joined accounts is told by the graph, not by the policy.
    """
    from pydantic import ValidationError

    rows = ask(CURRENT, {})
    if not rows:
        return read_policy()
    try:
        return Policy.model_validate(_recorded(rows[0]))
    except ValidationError:
        return read_policy()


def _recorded(row: Row) -> dict[str, object]:
    """Return what a run recorded of its policy; it records other things beside it."""
    said = json.loads(str(row["parameters"] or "{}"))
    return {name: said[name] for name in Policy.model_fields if name in said}
