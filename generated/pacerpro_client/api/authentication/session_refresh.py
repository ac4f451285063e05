# Made from openapi.yaml by `make generate`. Do not edit: change the contract or a template.
"""GET /session: refresh the session.

Authorization: a token: `Client(auth=...)` takes one, or a `SessionAuth`.

HTTP headers, of the request and of the answers:
    sent Authorization: `Bearer` and the token
    200, 401, 403, 429, 500, 502, 503, 504 Content-Type: `application/json`
    200 Cache-Control: Forbids caches to store the response, because it contains a token (RFC 9111, section 5.2.2.5).
    401 WWW-Authenticate: The scheme with which to authenticate (RFC 9110, section 11.6.1, and RFC 6750, section 3).
    429, 500, 502, 503, 504 Retry-After: How long to wait, in seconds or until an HTTP date (RFC 9110, section 10.2.3).

Example::

    from pacerpro_client import Client, SessionAuth
    from pacerpro_client.api.authentication import session_refresh

    with Client(auth=SessionAuth.from_env()) as client:
        result = session_refresh.sync(client=client)
    print(result)
"""

from pacerpro_runtime.operation import Operation, as_json

from ...client import Client
from ...models.error import Error
from ...models.session import Session
from ...types import Response

operation: Operation[Session] = Operation(
    method="GET",
    path="/session",
    success={200: as_json(Session)},
    errors={
        401: as_json(Error),
        403: as_json(Error),
        429: as_json(Error),
        500: as_json(Error),
        502: as_json(Error),
        503: as_json(Error),
        504: as_json(Error),
    },
    secured=True,
    repeatable=True,
)


def sync(*, client: Client) -> Session:
    """Refresh the session.

    Exchanges a token that is still valid for one that expires later. The older token stays valid
    until it expires. An expired token gets 401: log in again.

    Args:
        client: Where to call, and with which token.

    Returns:
        A token that expires later than the one that was sent.

    Raises:
        errors.Unauthorized: The token is missing, malformed, expired or revoked.
        errors.Forbidden: The gateway rejects the request.
        errors.TooManyRequests: The caller sends requests too often.
        errors.ServerError: The service, or the gateway in front of it, failed.
        errors.ApiError: Any other answer than a success.
        errors.InvalidResponse: A success that the contract does not allow.
        httpx.RequestError: The network failed, a timeout ran out, or what came cannot be unpacked.
    """
    return client.send(operation).parsed


def sync_detailed(*, client: Client) -> Response[Session]:
    """Refresh the session, as ``sync`` does, and return status and headers too.

    Raises:
        errors.Unauthorized, errors.Forbidden, errors.TooManyRequests, errors.ServerError, errors.ApiError,
        errors.InvalidResponse, httpx.RequestError: As ``sync``.
    """
    return client.send(operation)


async def asyncio(*, client: Client) -> Session:
    """Refresh the session, as ``sync`` does, without blocking.

    Raises:
        errors.Unauthorized, errors.Forbidden, errors.TooManyRequests, errors.ServerError, errors.ApiError,
        errors.InvalidResponse, httpx.RequestError: As ``sync``.
    """
    return (await client.asend(operation)).parsed


async def asyncio_detailed(*, client: Client) -> Response[Session]:
    """Refresh the session, as ``sync`` does, without blocking, and return status and headers too.

    Raises:
        errors.Unauthorized, errors.Forbidden, errors.TooManyRequests, errors.ServerError, errors.ApiError,
        errors.InvalidResponse, httpx.RequestError: As ``sync``.
    """
    return await client.asend(operation)
