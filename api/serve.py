"""Serve the API until told to stop, and give everything back in order.

The address is taken before the server starts, so that a taken port is an error of ours
with a remedy. A signal ends the serving and nothing else: whoever started the database
goes on and stops it.
"""

import errno
import logging
import socket
from types import FrameType

import uvicorn

from api.app import create_app
from graph.errors import ConfigurationError
from graph.language import Text
from graph.session import Database
from graph.settings import Settings

logger = logging.getLogger(__name__)

STOP_SECONDS = 5  # for requests under way; a guarded query may be cut off by it


class ApiPortTakenError(ConfigurationError):
    """The API's address belongs to another program."""

    text = Text(
        "{host}:{port} is taken by another program. Stop it, or set KITH_API_PORT to a free port.",
        "{host}：{port} 已被其他程序占用。请停止该程序，或将 KITH_API_PORT 设为空闲端口。",
    )


class ApiAddressError(ConfigurationError):
    """The machine cannot listen on the API's address."""

    text = Text(
        "This machine cannot listen on {host}:{port} ({problem}). Set KITH_API_HOST to one of "
        "its own addresses, such as 127.0.0.1, and KITH_API_PORT to 1024 or more.",
        "本机无法监听 {host}：{port}（{problem}）。"
        "请将 KITH_API_HOST 设为本机地址（如 127.0.0.1），"
        "并将 KITH_API_PORT 设为 1024 以上。",
    )


class _Server(uvicorn.Server):
    """uvicorn, but a signal only ends the serving; it would raise it again afterwards."""

    def handle_exit(self, sig: int, frame: FrameType | None) -> None:
        """Stop; a second signal does not wait for requests under way."""
        self.force_exit = self.should_exit
        self.should_exit = True


def serve(settings: Settings, database: Database | None = None) -> None:
    """Serve the API on ``settings.api_host`` and ``api_port`` until SIGINT or SIGTERM.

    Parameters
    ----------
    settings
        Where to listen, and the home to serve.
    database
        As for ``create_app``.

    Raises
    ------
    ApiPortTakenError, ApiAddressError
        If the address cannot be had.
    """
    with listening(settings) as listener:
        app = create_app(settings, database)
        config = uvicorn.Config(
            app,
            # requests are logged by the application, which knows what may not be in a log
            access_log=False,
            log_config=None,
            server_header=False,
            timeout_graceful_shutdown=STOP_SECONDS,
        )
        logger.info("serving on http://%s:%d", settings.api_host, settings.api_port)
        _Server(config).run(sockets=[listener])


def listening(settings: Settings) -> socket.socket:
    """Return a socket bound to the API's address; the caller closes it.

    Raises
    ------
    ApiPortTakenError, ApiAddressError
        If the address cannot be had.
    """
    host, port = settings.api_host, settings.api_port
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    # asyncio sends small packets at once only on sockets that name their protocol; without it
    # every answer waits 40 ms for an acknowledgement
    listener = socket.socket(family, socket.SOCK_STREAM, socket.IPPROTO_TCP)
    # the port of a server that has just stopped can be had again at once
    listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    try:
        listener.bind((host, port))
    except OSError as error:
        listener.close()
        if error.errno == errno.EADDRINUSE:
            raise ApiPortTakenError(host=host, port=port) from None
        problem = error.strerror or type(error).__name__
        raise ApiAddressError(host=host, port=port, problem=problem) from None
    return listener
