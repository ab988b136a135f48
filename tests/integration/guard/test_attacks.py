"""No query of the attack list gets through, and the graph is the same after all of them."""

import tomllib
from collections.abc import Iterator, Mapping
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path
from threading import Thread
from typing import NamedTuple
from urllib.request import urlopen

import pytest

from graph.errors import GuardError
from graph.guard import Limits, guarded
from graph.session import Database, Row
from graph.settings import Settings

pytestmark = pytest.mark.integration

ATTACKS = tomllib.loads(Path(__file__).with_name("attacks.toml").read_text("utf-8"))["attack"]
# What must run into its limit gets a short one; the rest is refused however busy the machine.
SHORT = Limits(seconds=1, grace=30)
LONG = Limits(seconds=30, grace=30)
PARAMETERS = {
    "key": "customer_id",
    "label": "Customer",
    "id": "C1'}) DETACH DELETE c //",
    "map": {"customer_id": "C1"},
    "url": "http://127.0.0.1:1/parameter",
}
DEEP = 3000
LONG_FORMS = {
    "double": "WITH s + s AS s " * 30,
    "tenfold": "WITH replace(s, 'a', 'aaaaaaaaaa') AS s " * 11,
    "long": "x" * 1_000_000,
    "deep": "(" * DEEP + "1" + ")" * DEEP,
    "deep_commented": "(/*)*/ " * DEEP + "1" + ")" * DEEP,
    "deep_escaped": "\\u0028" * DEEP + "1" + "\\u0029" * DEEP,
    "nested": "EXISTS { MATCH (a) WHERE " * 20 + "true" + " }" * 20,
    "chain": "(a0)" + "".join(f"-->(a{n})" for n in range(1, 60)),
    "alternatives": " OR ".join(f"a.x = {n} AND a.y = '{n}'" for n in range(900)),
}


class Canary(NamedTuple):
    """A listener on loopback, and what it has heard."""

    address: str
    heard: list[str]


@pytest.fixture(scope="module")
def canary() -> Iterator[Canary]:
    heard: list[str] = []

    class Listener(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            heard.append(self.path)
            self.send_response(200)
            self.end_headers()

        def log_message(self, *_: object) -> None:
            """Keep the test's output clean."""

    server = HTTPServer(("127.0.0.1", 0), Listener)
    Thread(target=server.serve_forever, daemon=True).start()
    yield Canary(f"http://127.0.0.1:{server.server_port}", heard)
    server.shutdown()
    server.server_close()


@pytest.fixture(scope="module")
def secret(server_home: Settings) -> Path:
    folder = server_home.home / "database" / "import"
    folder.mkdir(exist_ok=True)
    (folder / "secret.csv").write_text("what nobody may read\n")
    return Path("secret.csv")


@pytest.fixture(scope="module")
def state_before(shop: Database) -> dict[str, object]:
    return state(shop)


def state(database: Database) -> dict[str, object]:
    """Return what an attack could have changed: counts, names, schema, settings, users."""
    queries = {
        "nodes": "MATCH (n) RETURN count(n) AS n, sum(size(keys(n)) + size(labels(n))) AS p",
        "links": "MATCH ()-[r]->() RETURN count(r) AS n, sum(size(keys(r))) AS p",
        "spend": "MATCH (c:Customer) RETURN sum(c.rfm_spend) AS spend",
        "constraints": "SHOW CONSTRAINTS YIELD name RETURN collect(name) AS names",
        "indexes": "SHOW INDEXES YIELD name RETURN collect(name) AS names",
        "users": "SHOW USERS YIELD user RETURN collect(user) AS names",
        "databases": "SHOW DATABASES YIELD name, currentStatus RETURN name, currentStatus",
        "labels": "CALL db.labels() YIELD label RETURN collect(label) AS names",
        "keys": "CALL db.propertyKeys() YIELD propertyKey AS k RETURN count(k) AS n",
        "types": "CALL db.relationshipTypes() YIELD relationshipType AS t RETURN count(t) AS n",
    }
    return {name: _sorted(database.read(query)) for name, query in queries.items()}


def _sorted(rows: list[Row]) -> list[str]:
    return sorted(
        str({k: sorted(v) if isinstance(v, list) else v for k, v in row.items()}) for row in rows
    )


def written_out(query: str, canary: Canary, *, secret: Path) -> str:
    forms = {**LONG_FORMS, "canary": canary.address, "secret": str(secret)}
    for name, form in forms.items():
        query = query.replace("{" + name + "}", form)
    return query


@pytest.mark.parametrize("attack", ATTACKS, ids=[a["name"].replace(" ", "-") for a in ATTACKS])
def test_an_attack_meets_its_problem_and_changes_nothing(
    shop: Database,
    *,
    canary: Canary,
    secret: Path,
    state_before: Mapping[str, object],
    attack: Mapping[str, object],
) -> None:
    query = written_out(str(attack["query"]), canary, secret=secret)
    meets = str(attack["meets"])
    values = {} if "parameter-missing-error" in meets else PARAMETERS

    with pytest.raises(GuardError) as caught:
        guarded(shop, query, parameters=values, limits=SHORT if "time" in meets else LONG)

    assert caught.value.code() in meets
    assert caught.value.message("en") != caught.value.message("zh")
    assert state(shop) == state_before
    assert canary.heard == []


def test_the_canary_hears_whoever_does_reach_it(canary: Canary) -> None:
    with urlopen(f"{canary.address}/proof") as answer:
        status = answer.status

    assert status == 200
    assert canary.heard.pop() == "/proof"


def test_the_list_has_at_least_sixty_attacks_of_different_names() -> None:
    names = [attack["name"] for attack in ATTACKS]

    assert len(names) >= 60
    assert len(names) == len(set(names))
