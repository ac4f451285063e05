import pytest
from service import Service
from status_added_client import Client, errors
from status_added_client.api.authentication import session_create
from status_added_client.models import Complaint, User


def use(service: Service) -> None:
    client = Client(transport=service)
    for status, body in [(422, {"field": "email", "reasons": ["no @"]}), (409, b"")]:
        service.answer(status, body)
        with pytest.raises(errors.ApiError) as caught:
            session_create.sync(client=client, body=User(email="ada@example.com", password="secret"))
        assert caught.value.status_code == status
        complaint = caught.value.parsed
        assert complaint == (Complaint(field_="email", reasons=["no @"]) if status == 422 else None)
