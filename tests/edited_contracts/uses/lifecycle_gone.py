import lifecycle_gone_client
from lifecycle_gone_client import Client
from lifecycle_gone_client.api.authentication import session_create, session_refresh
from lifecycle_gone_client.models import User
from service import Service


def use(service: Service) -> None:
    session = session_create.sync(
        client=Client(transport=service), body=User(email="ada@example.com", password="secret")
    )
    session_refresh.sync(client=Client(transport=service, auth=session.jwt_token))
    assert not hasattr(lifecycle_gone_client, "SessionAuth")
