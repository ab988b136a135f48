"""``GET /v1/customers/{id}`` at a mean rate, by wrk, on a home that is loaded.

    KITH_HOME=... python bench/api.py [--rate 50] [--seconds 30]

Needs ``wrk`` (``apt-get install wrk``). The server runs as its users run it: ``kith serve``.
Latencies are those that wrk sees; ten connections share the rate.
"""

import argparse
import json
import os
import random
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from urllib.error import URLError
from urllib.request import urlopen

HOST = "http://127.0.0.1:8000"
CONNECTIONS = 10
SAMPLE = 2_000  # different customers, so that no page is warm by repetition alone
SCRIPT = Path(__file__).with_name("customers.lua")
KITH = Path(sys.executable).with_name("kith")


def command(*arguments: str) -> str:
    """Run one kith command and return what it printed."""
    done = subprocess.run([str(KITH), *arguments], check=True, stdout=subprocess.PIPE, text=True)
    return done.stdout


def customer_ids() -> list[str]:
    """Return ids of customers drawn over all of them."""
    query = "MATCH (c:Customer) RETURN c.customer_id AS id"
    printed = command("cypher", query, "--limit", "100000", "--json")
    ids = sorted(row[0] for row in json.loads(printed)["rows"])
    return random.Random(7).sample(ids, min(SAMPLE, len(ids)))


def wait_until_ready() -> None:
    """Wait for the API to answer."""
    for _ in range(120):
        try:
            with urlopen(f"{HOST}/readyz", timeout=2):
                return
        except (URLError, ConnectionError):
            time.sleep(0.5)
    sys.exit("the API did not answer")


def attack(ids: list[str], key: str, *, rate: int, seconds: int) -> dict[str, float]:
    """Send requests at a mean rate and return what wrk measured, in milliseconds."""
    with tempfile.NamedTemporaryFile("w", suffix=".txt") as file:
        file.write("\n".join(ids))
        file.flush()
        pace = str(round(1000 * CONNECTIONS / rate))
        wanted = {"KITH_IDS": file.name, "KITH_KEY": key, "KITH_PACE": pace}
        done = subprocess.run(
            ["wrk", "-t1", f"-c{CONNECTIONS}", f"-d{seconds}s", "-s", str(SCRIPT), HOST],
            env={**os.environ, **wanted},
            check=True,
            stdout=subprocess.PIPE,
            text=True,
        )
    found: dict[str, float] = json.loads(done.stdout.splitlines()[-1])
    return found


def main() -> None:
    """Measure and print a table in Markdown."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rate", type=int, default=50)
    parser.add_argument("--seconds", type=int, default=30)
    options = parser.parse_args()
    ids = customer_ids()
    key = json.loads(command("keys", "create", "bench", "--role", "analyst", "--json"))["token"]
    server = subprocess.Popen([str(KITH), "serve"])
    try:
        wait_until_ready()
        attack(ids, key, rate=options.rate, seconds=5)  # warm-up, not counted
        found = attack(ids, key, rate=options.rate, seconds=options.seconds)
    finally:
        server.terminate()
        server.wait()
    rate = found["requests"] / found["seconds"]
    print("| requests | rate | failed | p50 ms | p95 ms | p99 ms | max ms |")
    print("|---|---|---|---|---|---|---|")
    figures = " | ".join(f"{found[name]:.1f}" for name in ("p50", "p95", "p99", "max"))
    print(f"| {found['requests']:,.0f} | {rate:.1f}/s | {found['failed']:.0f} | {figures} |")


if __name__ == "__main__":
    main()
