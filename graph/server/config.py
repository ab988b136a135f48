"""The database's configuration, said once.

The embedded server gets it as ``neo4j.conf``, the container as environment variables; a
contract test holds ``docker-compose.yml`` equal to what stands here. The file is strict: a
name that the server does not know stops its start.
"""

from collections.abc import Mapping

from graph.settings import Settings

SETTINGS: Mapping[str, str] = {
    # analysts' queries inherit these; our own bulk transactions set their own
    "db.transaction.timeout": "120s",
    "db.lock.acquisition.timeout": "30s",
    "db.tx_log.rotation.retention_policy": "2 days 1G",
    # otherwise an empty home takes 512 MB of disk
    "db.tx_log.preallocate": "false",
    # LOAD CSV reads neither files nor the network
    "server.directories.import": "import",
    "dbms.security.allow_csv_import_from_file_urls": "false",
    "internal.dbms.cypher_ip_blocklist": "0.0.0.0/0,::/0",
    "dbms.security.procedures.allowlist": "none.*",
    # a stop takes 10 s without the first of these, 12 s with an open transaction without both
    "internal.dbms.bolt.netty_server_shutdown_quiet_period": "0",
    "db.shutdown_transaction_end_timeout": "1s",
    "dbms.usage_report.enabled": "false",
    "server.http.enabled": "false",
    "server.https.enabled": "false",
}
# What differs inside a container: it listens to its own network, and its launcher, unlike
# ours, reads the heap from the configuration.
CONTAINER_HEAP = "2g"
CONTAINER_PAGE_CACHE = "1g"
_UNITS = {"m": 1, "g": 1024}


def memory_settings(heap: str, page_cache: str) -> dict[str, str]:
    """Return the memory limits that follow from the heap.

    Half of the heap is for all transactions together and a quarter for one, so that a
    greedy query ends with an error of its own and not with the server's.

    >>> memory_settings("512m", "1g")["db.memory.transaction.max"]
    '128m'
    """
    megabytes = in_megabytes(heap)
    return {
        "server.memory.pagecache.size": page_cache,
        "dbms.memory.transaction.total.max": f"{megabytes // 2}m",
        "db.memory.transaction.max": f"{megabytes // 4}m",
    }


def embedded_settings(settings: Settings, *, port: int, http_port: int | None) -> dict[str, str]:
    """Return the whole configuration of kith's own server; an ``http_port`` opens Browser."""
    here = {
        "server.default_listen_address": "127.0.0.1",
        "server.bolt.listen_address": f"127.0.0.1:{port}",
        "server.bolt.advertised_address": f"127.0.0.1:{port}",
    }
    browser = {
        "server.http.enabled": "true",
        "server.http.listen_address": f"127.0.0.1:{http_port}",
        "server.http.advertised_address": f"127.0.0.1:{http_port}",
    }
    memory = memory_settings(settings.heap, settings.page_cache)
    return {**SETTINGS, **memory, **here, **(browser if http_port else {})}


def container_settings() -> dict[str, str]:
    """Return the whole configuration of the server in a container."""
    heap = {
        "server.memory.heap.initial_size": CONTAINER_HEAP,
        "server.memory.heap.max_size": CONTAINER_HEAP,
    }
    memory = memory_settings(CONTAINER_HEAP, CONTAINER_PAGE_CACHE)
    return {**SETTINGS, **memory, **heap, "server.default_listen_address": "0.0.0.0"}  # noqa: S104 - the container's own network


def environment_name(setting: str) -> str:
    """Return how the official image spells a setting as an environment variable.

    >>> environment_name("db.tx_log.rotation.retention_policy")
    'NEO4J_db_tx__log_rotation_retention__policy'
    """
    return "NEO4J_" + setting.replace("_", "__").replace(".", "_")


def as_file(settings: Mapping[str, str]) -> str:
    """Return ``settings`` as the text of ``neo4j.conf``, which allows no trailing comments."""
    lines = [f"{name}={_escaped(value)}" for name, value in settings.items()]
    return "\n".join(["# Written by kith at every start; changes here are lost.", *lines, ""])


def in_megabytes(size: str) -> int:
    """Return a size such as ``2g`` or ``512m`` in megabytes."""
    return int(size[:-1]) * _UNITS[size[-1]]


def _escaped(value: str) -> str:
    return value.replace("\\", "\\\\")
