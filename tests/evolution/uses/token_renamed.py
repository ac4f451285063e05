from service import Service
from token_renamed_client import Client, SessionAuth
from token_renamed_client.api.authentication import session_create, session_refresh
from token_renamed_client.models import User


def use(service: Service) -> None:
    with Client(transport=service) as client:
        session = session_create.sync(client=client, body=User(email="ada@example.com", password="secret"))
        assert session.access_token == session.to_dict()["accessToken"] == "text"
        assert session.access_token not in repr(session)
    with Client(transport=service, auth=SessionAuth(email="ada@example.com", password="secret")) as client:
        session_refresh.sync(client=client)
        assert service.last.headers["Authorization"] == "Bearer text"
