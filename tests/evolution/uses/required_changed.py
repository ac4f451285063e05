import pytest
from required_changed_client import Client, errors
from required_changed_client.api.authentication import session_create
from required_changed_client.models import Error, User
from service import Service


def use(service: Service) -> None:
    client = Client(transport=service)
    session = session_create.sync(client=client, body=User(email="ada@example.com", password="secret", tenant="smith"))
    assert session.issuer == "text"
    assert service.sent == {"email": "ada@example.com", "password": "secret", "tenant": "smith"}

    service.answer(401, {"message": "No"})
    with pytest.raises(errors.Unauthorized) as caught:
        session_create.sync(client=client, body=User(email="ada@example.com", password="secret", tenant="smith"))
    assert caught.value.parsed == Error(message="No")
