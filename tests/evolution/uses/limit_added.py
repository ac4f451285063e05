from uuid import UUID

from limit_added_client import Client
from limit_added_client.api.authentication import session_create
from limit_added_client.models import User
from service import Service

SESSION = {"jwtToken": "a.b.c", "expiresAt": "2030-01-01T12:00:00Z"}


def use(service: Service) -> None:
    service.answer(200, {**SESSION, "load": 1, "id": "5f0c0a52-7d0e-4b9e-9a55-1d8d8f3f8f10"})
    user = User(email="ada@example.com", password="long enough", otp=999999)
    session = session_create.sync(client=Client(transport=service), body=user)
    assert service.sent["otp"] == 999999
    assert session.load == 1.0
    assert session.id == UUID("5f0c0a52-7d0e-4b9e-9a55-1d8d8f3f8f10")
