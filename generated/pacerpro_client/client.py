# Made from openapi.yaml by `make generate`. Do not edit: change the contract or a template.
"""The client, with what the contract says of the API as a whole."""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar

from pacerpro_runtime.client import Api, ApiClient

if TYPE_CHECKING:
    from .operations import AuthenticationOperations

API = Api(
    server="https://api.pacerpro.com/v1",
    environment="PACERPRO",
    user_agent="pacerpro-client/0.6.0",
)


class Client(ApiClient):
    """Calls the operations of PacerPro, with threads or with asyncio and trio.

    The connections are opened at the first call and closed by ``with`` or ``async with``. Threads and event loops may
    share it; each event loop has connections of its own, and so has a forked child process. It keeps no cookies.
    The environment's proxies are used, except for a base URL over plain http.

    Args:
        base_url: Where the API is; by default the environment variable ``PACERPRO_BASE_URL``, else
            ``https://api.pacerpro.com/v1``. It must be https; http is for this machine (loopback) alone, and for
            ``allow_insecure_hosts``.
        auth: An ``httpx.Auth``, such as ``SessionAuth``, or a token. A token goes to the origin of the base URL
            alone, and only with the operations that ask for one.
        timeout: Seconds to wait for each step of a request, or an ``httpx.Timeout``; by default 5 to connect, and 30 to
            read, to write and for a free connection. None waits for ever.
        headers: Headers to send with each request.
        verify: Whether to check the server's certificate; or the path of a file or folder with the certificates of
            your own authorities, or an ``ssl.SSLContext``. A file that is replaced is read again by the next client.
        proxy: The URL of a proxy for all calls, or an ``httpx.Proxy``; by default those of the environment.
        transport: An ``httpx.BaseTransport`` in place of the usual one, for synchronous calls; or ``"pyreqwest"``, which
            makes calls of both kinds faster (``pip install "pacerpro-client[pyreqwest]"``), but needs asyncio, cannot
            be used after a fork, and trusts the system's authorities, with ``verify`` besides.
        async_transport: An ``httpx.AsyncBaseTransport`` in place of the usual one, for asynchronous calls.
        retries: How often a call is tried again after a connection error or a status of 429, 502, 503 or 504; 0 turns
            it off. The waits are random and grow, or are as long as the server asks, and add up to 60 s at most. Or a
            ``Retry`` of httpx_retries, which is respected whole. A 401 and a wrong certificate are never tried again.
        strict: Whether to refuse values that the contract does not allow, but that can be read all the same.
        allow_insecure_hosts: Hosts of test networks to which secrets may go over plain http, such as
            ``{"mock", "10.0.0.7"}``; by default the names in ``PACERPRO_ALLOW_INSECURE_HOSTS``. Logged as a warning.

    Raises:
        ValueError: A setting cannot be used, such as the base URL.
        TypeError: A setting is something else altogether.
        errors.InsecureUrl: The base URL is neither https nor on loopback, nor allowed.
    """

    api: ClassVar[Api] = API

    @property
    def authentication(self) -> AuthenticationOperations:
        """Log in, refresh the session, and log out."""
        from .operations import AuthenticationOperations

        return AuthenticationOperations(self)
