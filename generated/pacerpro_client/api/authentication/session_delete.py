# Made from openapi.yaml by `make generate`. Do not edit: change the contract or a template.
"""DELETE /session: log out everywhere.

Authorization: a token: `Client(auth=...)` takes one, or a `SessionAuth`.

HTTP headers, of the request and of the answers:
    sent Authorization: `Bearer` and the token
    200, 401, 403, 429, 500, 502, 503, 504 Content-Type: `application/json`
    401 WWW-Authenticate: The scheme with which to authenticate (RFC 9110, section 11.6.1, and RFC 6750, section 3).
    429, 500, 502, 503, 504 Retry-After: How long to wait, in seconds or until an HTTP date (RFC 9110, section 10.2.3).

Example::

    from pacerpro_client import Client, SessionAuth
    from pacerpro_client.api.authentication import session_delete

    with Client(auth=SessionAuth.from_env()) as client:
        result = session_delete.sync(client=client)
    print(result)
"""

from pacerpro_runtime.operation import Operation, as_json

from ...client import Client
from ...models.empty import Empty
from ...models.error import Error
from ...types import Response

operation: Operation[Empty] = Operation(
    method="DELETE",
    path="/session",
    success={200: as_json(Empty)},
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
    already_done=frozenset({401}),
)


def sync(*, client: Client) -> Empty:
    """Log out everywhere.

    Ends **all** tokens of the user at once, in every process that holds one, and not only the token
    that was sent. Other users are not affected.

    Args:
        client: Where to call, and with which token.

    Returns:
        All tokens of the user have been revoked.

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


def sync_detailed(*, client: Client) -> Response[Empty]:
    """Log out everywhere, as ``sync`` does, and return status and headers too.

    Raises:
        errors.Unauthorized, errors.Forbidden, errors.TooManyRequests, errors.ServerError, errors.ApiError,
        errors.InvalidResponse, httpx.RequestError: As ``sync``.
    """
    return client.send(operation)


async def asyncio(*, client: Client) -> Empty:
    """Log out everywhere, as ``sync`` does, without blocking.

    Raises:
        errors.Unauthorized, errors.Forbidden, errors.TooManyRequests, errors.ServerError, errors.ApiError,
        errors.InvalidResponse, httpx.RequestError: As ``sync``.
    """
    return (await client.asend(operation)).parsed


async def asyncio_detailed(*, client: Client) -> Response[Empty]:
    """Log out everywhere, as ``sync`` does, without blocking, and return status and headers too.

    Raises:
        errors.Unauthorized, errors.Forbidden, errors.TooManyRequests, errors.ServerError, errors.ApiError,
        errors.InvalidResponse, httpx.RequestError: As ``sync``.
    """
    return await client.asend(operation)
