# Made from openapi.yaml by `make generate`. Do not edit: change the contract or a template.
"""POST /session: log in.

Authorization: none.

HTTP headers, of the request and of the answers:
    sent, 200, 400, 401, 403, 413, 415, 429, 500, 502, 503, 504 Content-Type: `application/json`
    200 Cache-Control: Forbids caches to store the response, because it contains a token (RFC 9111, section 5.2.2.5).
    401 WWW-Authenticate: The scheme with which to authenticate (RFC 9110, section 11.6.1, and RFC 6750, section 3).
    429, 500, 502, 503, 504 Retry-After: How long to wait, in seconds or until an HTTP date (RFC 9110, section 10.2.3).

Example::

    from pacerpro_client import Client
    from pacerpro_client.api.authentication import session_create
    from pacerpro_client.models import User

    with Client() as client:
        result = session_create.sync(
            client=client,
            body=User(email="ada@example.com", password="correct horse battery staple"),
        )
    print(result)
"""

from pacerpro_runtime.operation import Operation, as_json

from ...client import Client
from ...models.error import Error
from ...models.session import Session
from ...models.user import User
from ...types import Response

operation: Operation[Session] = Operation(
    method="POST",
    path="/session",
    bodies={"application/json": User},
    success={200: as_json(Session)},
    errors={
        400: as_json(Error),
        401: as_json(Error),
        403: as_json(Error),
        413: as_json(Error),
        415: as_json(Error),
        429: as_json(Error),
        500: as_json(Error),
        502: as_json(Error),
        503: as_json(Error),
        504: as_json(Error),
    },
    secured=False,
    repeatable=True,
)


def sync(*, client: Client, body: User) -> Session:
    """Log in.

    Exchanges an email address and a password for a session.

    Wrong and missing credentials get the same answer, 401, so that a caller cannot find out which
    addresses are known. This includes an object without either property: it is a 401, not a 400.

    Args:
        client: Where to call.
        body: The user's credentials.

    Returns:
        The user is logged in.

    Raises:
        errors.BadRequest: The body is not JSON, or not a JSON object.
        errors.Unauthorized: The credentials are wrong or missing.
        errors.Forbidden: The gateway rejects the request.
        errors.ContentTooLarge: The body is larger than the gateway accepts.
        errors.UnsupportedMediaType: The body is not declared as `application/json`.
        errors.TooManyRequests: The caller sends requests too often.
        errors.ServerError: The service, or the gateway in front of it, failed.
        errors.ApiError: Any other answer than a success.
        errors.InvalidResponse: A success that the contract does not allow.
        httpx.RequestError: The network failed, a timeout ran out, or what came cannot be unpacked.
    """
    return client.send(operation, body=body).parsed


def sync_detailed(*, client: Client, body: User) -> Response[Session]:
    """Log in, as ``sync`` does, and return status and headers too.

    Raises:
        errors.BadRequest, errors.Unauthorized, errors.Forbidden, errors.ContentTooLarge,
        errors.UnsupportedMediaType, errors.TooManyRequests, errors.ServerError, errors.ApiError,
        errors.InvalidResponse, httpx.RequestError: As ``sync``.
    """
    return client.send(operation, body=body)


async def asyncio(*, client: Client, body: User) -> Session:
    """Log in, as ``sync`` does, without blocking.

    Raises:
        errors.BadRequest, errors.Unauthorized, errors.Forbidden, errors.ContentTooLarge,
        errors.UnsupportedMediaType, errors.TooManyRequests, errors.ServerError, errors.ApiError,
        errors.InvalidResponse, httpx.RequestError: As ``sync``.
    """
    return (await client.asend(operation, body=body)).parsed


async def asyncio_detailed(*, client: Client, body: User) -> Response[Session]:
    """Log in, as ``sync`` does, without blocking, and return status and headers too.

    Raises:
        errors.BadRequest, errors.Unauthorized, errors.Forbidden, errors.ContentTooLarge,
        errors.UnsupportedMediaType, errors.TooManyRequests, errors.ServerError, errors.ApiError,
        errors.InvalidResponse, httpx.RequestError: As ``sync``.
    """
    return await client.asend(operation, body=body)
