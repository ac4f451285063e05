import pytest
from form_body_client import Client, errors
from form_body_client.api.authentication import session_create
from form_body_client.models import User
from service import Service


def use(service: Service) -> None:
    client = Client(transport=service)
    session_create.sync(client=client, body=User(email="ada@example.com", password="secret"))
    assert service.last.headers["Content-Type"] == "application/json"
    service.answer(401, {"message": "Invalid email or password"})
    with pytest.raises(errors.Unauthorized):
        session_create.sync(client=client)
    assert service.last.content == b""
