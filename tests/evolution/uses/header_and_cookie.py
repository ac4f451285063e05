from uuid import UUID

from header_and_cookie_client import Client
from header_and_cookie_client.api.authentication import session_refresh
from service import Service

ID = UUID("5f0c0a52-7d0e-4b9e-9a55-1d8d8f3f8f10")


def use(service: Service) -> None:
    session_refresh.sync(client=Client(transport=service, auth="token"), x_request_id=ID, region="eu")
    assert service.last.headers["X-Request-Id"] == str(ID)
    assert service.last.headers["Cookie"] == "region=eu"
