from created_201_client import Client, SessionAuth
from created_201_client.api.authentication import session_create, session_refresh
from created_201_client.models import Session, User
from service import Service


def use(service: Service) -> None:
    auth = SessionAuth(email="ada@example.com", password="secret")
    with Client(transport=service) as client:
        created = session_create.sync_detailed(client=client, body=User(email="ada@example.com", password="secret"))
        session: Session = created.parsed
        assert (created.status_code, session.jwt_token[:2]) == (201, "ey")
    with Client(transport=service, auth=auth) as client:
        session_refresh.sync(client=client)
        assert [request.method for request in service.requests[1:]] == ["POST", "PUT"]
