"""The service as a process: it takes its port, says so when it cannot, and ends in order."""

import os
import signal
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from api.serve import ApiAddressError, ApiPortTakenError, listening, serve
from graph.settings import Settings, read_settings

pytestmark = pytest.mark.e2e

ROOT = Path(__file__).parents[2]
# what a caller does after serving, such as stopping the database, must still happen
PROGRAM = """
from api.serve import serve
from graph.settings import read_settings
serve(read_settings())
print("the caller goes on", flush=True)
"""


def free_port() -> int:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        return int(taken.getsockname()[1])


def settings_at(home: Path, port: int) -> Settings:
    return read_settings(home=home, api_port=port)


@contextmanager
def process(home: Path, port: int) -> Iterator["subprocess.Popen[str]"]:
    """Run the service until the block ends."""
    environment = {**os.environ, "KITH_HOME": str(home), "KITH_API_PORT": str(port)}
    started = subprocess.Popen(
        [sys.executable, "-c", PROGRAM],
        cwd=ROOT,
        env=environment,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
    )
    try:
        await_answer(started, port)
        yield started
    finally:
        started.kill()
        started.communicate()


def await_answer(started: "subprocess.Popen[str]", port: int) -> None:
    for _ in range(600):
        try:
            with urllib.request.urlopen(f"http://127.0.0.1:{port}/healthz", timeout=5):
                return
        except (urllib.error.URLError, ConnectionError, TimeoutError):
            assert started.poll() is None, started.communicate()[0]
            time.sleep(0.1)
    pytest.fail("the service did not answer")


@pytest.mark.parametrize("signal_", [signal.SIGTERM, signal.SIGINT])
def test_a_signal_ends_the_serving_and_the_caller_goes_on(
    tmp_path: Path, signal_: signal.Signals
) -> None:
    with process(tmp_path, free_port()) as running:
        running.send_signal(signal_)
        output, _ = running.communicate(timeout=60)

    assert "the caller goes on" in output
    assert "Traceback" not in output
    assert running.returncode == 0


def test_an_open_connection_does_not_hold_the_end_up(tmp_path: Path) -> None:
    port = free_port()
    with process(tmp_path, port) as running, socket.create_connection(("127.0.0.1", port)) as open_:
        open_.sendall(b"GET /healthz HTTP/1.1\r\nHost: kith\r\n\r\n")
        assert b"200 OK" in open_.recv(1000)
        running.send_signal(signal.SIGTERM)
        output, _ = running.communicate(timeout=60)

    assert "the caller goes on" in output


def test_the_service_answers_with_the_database_away(tmp_path: Path) -> None:
    port = free_port()
    with process(tmp_path, port), pytest.raises(urllib.error.HTTPError) as caught:
        urllib.request.urlopen(f"http://127.0.0.1:{port}/readyz", timeout=30)

    assert caught.value.code == 503
    caught.value.close()


def test_the_service_listens_on_this_machine_alone(tmp_path: Path) -> None:
    with listening(settings_at(tmp_path, free_port())) as listener:
        assert listener.getsockname()[0] == "127.0.0.1"


def test_answers_are_sent_at_once(tmp_path: Path) -> None:
    # asyncio switches Nagle's waiting off only for sockets that name their protocol
    with listening(settings_at(tmp_path, free_port())) as listener:
        assert listener.proto == socket.IPPROTO_TCP


def test_a_taken_port_is_named_with_the_setting_that_changes_it(tmp_path: Path) -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = taken.getsockname()[1]

        with pytest.raises(ApiPortTakenError) as caught:
            serve(settings_at(tmp_path, port))

    assert str(port) in str(caught.value)
    assert "KITH_API_PORT" in str(caught.value)
    assert caught.value.exit_code == 2


def test_an_address_of_another_machine_cannot_be_listened_on(tmp_path: Path) -> None:
    settings = read_settings(home=tmp_path, api_host="192.0.2.1", api_port=free_port())

    with pytest.raises(ApiAddressError) as caught:
        serve(settings)

    assert "192.0.2.1" in str(caught.value)


def test_a_name_that_is_no_address_is_an_error_of_ours(tmp_path: Path) -> None:
    settings = read_settings(home=tmp_path, api_host="no such host", api_port=free_port())

    with pytest.raises(ApiAddressError):
        serve(settings)


def test_the_port_can_be_had_again_at_once(tmp_path: Path) -> None:
    port = free_port()
    for _ in range(2):
        with process(tmp_path, port) as running:
            running.send_signal(signal.SIGTERM)
            assert running.communicate(timeout=60)[0].count("the caller goes on") == 1
