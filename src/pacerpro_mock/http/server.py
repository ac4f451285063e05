"""The mock behind a socket, in a thread of the caller's process or as the process itself."""

import asyncio
import socket
import ssl
import threading
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any, Self, Unpack, cast

import uvicorn

from pacerpro_mock.http.asgi import create_app
from pacerpro_mock.http.protocol import MockProtocol
from pacerpro_mock.mock import Mock
from pacerpro_mock.settings import PREFIX, Settings, is_a, is_whole, require

LOOPBACK = "127.0.0.1"
LAST_PORT = 65535
# How long a stopping server waits for the requests that it is answering, in seconds.
GRACE = 0.5
# How many thousandths of a second it then waits for their connections to go.
TURNS = 500
# How long starting and stopping may take before something must be wrong, in seconds.
PATIENCE = 10.0


class MockServer(Mock):
    """The mock on a port of its own (`port` 0: a free one), for as long as the `with` block lasts.

        with MockServer(users={"ada@example.com": "secret"}) as server:
            httpx.post(f"{server.url}/session", json={"email": "ada@example.com", "password": "secret"})

    It runs in a thread. `users` and the settings are those of `Mock`. With `tls`, it speaks https: `True` makes a
    certificate for this machine and for `tls_names`, and `certificate_authority` is the PEM that clients have to trust;
    a pair of PEM files is a certificate and its key. `start` raises `OSError` if the port is taken.
    """

    def __init__(
        self,
        users: Mapping[str, str] | None = None,
        *,
        host: str = LOOPBACK,
        port: int = 0,
        tls: bool | tuple[str | Path, str | Path] = False,
        tls_names: Sequence[str] = (),
        **settings: Unpack[Settings],
    ) -> None:
        super().__init__(users, **settings)
        # A socket would take it for every address of this machine.
        require(host, "the host is empty")
        require(is_whole(port, 0) and port <= LAST_PORT, f"the port is a whole number between 0 and {LAST_PORT}")
        self._host, self._port = host, port
        self._context: ssl.SSLContext | None = None
        self.certificate_authority: bytes | None = None
        if tls is True:
            self._context, self.certificate_authority = _made_tls((host, *tls_names))
        elif tls:
            self._context = _given_tls(*tls)
        self._server: Uvicorn | None = None
        self._thread: threading.Thread | None = None

    def __enter__(self) -> Self:
        self.start()
        return self

    def __exit__(self, *_: object) -> None:
        self.stop()

    @property
    def running(self) -> bool:
        """Whether it listens."""
        return self._thread is not None

    def start(self) -> None:
        """Listen, and return when the first request can come. Started again, it is on the same port.

        Raises `OSError` if the port is taken, and `RuntimeError` if the server runs already.
        """
        if self._thread is not None:
            raise RuntimeError("the mock runs already")
        listener = self._listen()
        ready = threading.Event()
        arguments = (listener, ready.set)
        self._thread = threading.Thread(target=self._serve, args=arguments, name="pacerpro-mock", daemon=True)
        self._thread.start()
        if not ready.wait(PATIENCE):
            raise RuntimeError("the mock did not start")

    def stop(self) -> None:
        """Stop listening and end the thread. Stopping twice does nothing."""
        if self._server is None or self._thread is None:
            return
        self._server.should_exit = True
        self._thread.join(PATIENCE)
        if self._thread.is_alive():
            raise RuntimeError("the mock did not stop")
        self._server = self._thread = None

    def run(self, on_ready: Callable[[], None]) -> None:
        """Listen, and serve in this thread until a signal comes. Raises `OSError` if the port is taken."""
        self._serve(self._listen(), on_ready)

    def _listen(self) -> socket.socket:
        family = socket.AF_INET6 if ":" in self._host else socket.AF_INET
        listener = socket.create_server((self._host, self._port), family=family, backlog=2048)
        host, self._port = listener.getsockname()[:2]
        scheme = "https" if self._context else "http"
        self.url = f"{scheme}://{f'[{host}]' if ':' in host else host}:{self._port}{PREFIX}"
        return listener

    def _serve(self, listener: socket.socket, on_ready: Callable[[], None]) -> None:
        self._server = Uvicorn(self, on_ready, self._context)
        self._server.run([listener])

    def _network(self) -> dict[str, Any]:
        if self.certificate_authority is None:
            return {"base_url": self.url}
        return {"base_url": self.url, "verify": ssl.create_default_context(cadata=self.certificate_authority.decode())}


class Uvicorn(uvicorn.Server):
    """A uvicorn that says when it is ready, and does not wait for slow callers."""

    def __init__(self, mock: Mock, on_ready: Callable[[], None], context: ssl.SSLContext | None) -> None:
        config = uvicorn.Config(create_app(mock), http=MockProtocol, ws="none", lifespan="off", log_config=None)
        # The host of the process decides how to log, and the mock's clock says what time it is.
        config.access_log = config.proxy_headers = config.server_header = config.date_header = False
        config.load()
        config.ssl = context
        super().__init__(config)
        self._on_ready = on_ready

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        """Start, and say so."""
        await super().startup(sockets)
        self._on_ready()

    async def shutdown(self, sockets: list[socket.socket] | None = None) -> None:
        """Stop: answer what is quick to answer, and drop the rest, which uvicorn would log as an error."""
        for listener in (*self.servers, *(sockets or ())):
            listener.close()
        connections = cast("set[MockProtocol]", self.server_state.connections)
        for connection in list(connections):
            connection.shutdown()
        if self.server_state.tasks:
            await asyncio.wait(self.server_state.tasks, timeout=GRACE)
        for connection in list(connections):
            if not connection.transport.is_closing():  # An answer is due on it.
                connection.transport.abort()
        # What has been closed is gone after a turn or two of the loop.
        for _ in range(TURNS):
            if not connections and not self.server_state.tasks:
                return
            await asyncio.sleep(0.001)


def _made_tls(names: Sequence[str]) -> tuple[ssl.SSLContext, bytes]:
    """A certificate for this machine's names and for `names`, and the PEM of its new authority. It needs trustme."""
    import trustme  # noqa: PLC0415 - it takes longer than the rest of a start

    require(not is_a(names, str), "tls_names are several names")
    authority = trustme.CA(organization_name="pacerpro-mock")
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    # A certificate cannot have a name with an underscore, as some machines do.
    own = [name for name in ("localhost", "127.0.0.1", "::1", socket.gethostname()) if "_" not in name]
    try:
        certificate: Any = authority.issue_cert(*dict.fromkeys((*own, *names)))
    except ValueError as error:
        raise ValueError(f"no certificate can have these names: {error}") from None
    certificate.configure_cert(context)
    return context, authority.cert_pem.bytes()


def _given_tls(certificate: str | Path, key: str | Path) -> ssl.SSLContext:
    """A certificate with its chain, and its key, from PEM files. Raises `ValueError` if they cannot be used."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    try:
        # An encrypted key would ask at the terminal.
        context.load_cert_chain(certificate, key, password="")
    except (OSError, ValueError) as error:
        reason = getattr(error, "reason", None) or getattr(error, "strerror", None) or str(error)
        raise ValueError(f"the certificate {certificate} and the key {key} cannot be used: {reason}") from None
    return context
