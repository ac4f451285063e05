from path_moved_client import Client, SessionAuth
from path_moved_client.api.authentication import session_delete
from service import Service


def use(service: Service) -> None:
    with Client(transport=service, auth=SessionAuth(email="ada@example.com", password="secret")) as client:
        session_delete.sync(client=client)
    assert {str(request.url) for request in service.requests} == {"https://api.pacerpro.com/v1/auth:v2/user-session"}
