"""Neo4j Community as a child process: kith's own database, no Docker needed.

The server is a process of its own under ``KITH_HOME``, on loopback, found again by any
later command. Where ``KITH_NEO4J_URI`` is set, nothing here starts or stops anything.
"""

from graph.endpoint import Endpoint
from graph.server.doctor import Check, doctor
from graph.server.importer import ImportCounts, run_importer, wipe
from graph.server.lifecycle import locate, restart, start, stop
from graph.server.status import Status, status

__all__ = [
    "Check",
    "Endpoint",
    "ImportCounts",
    "Status",
    "doctor",
    "locate",
    "restart",
    "run_importer",
    "start",
    "status",
    "stop",
    "wipe",
]
