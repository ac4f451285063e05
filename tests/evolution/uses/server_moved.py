from server_moved_client import Client, SessionAuth
from server_moved_client.api.authentication import session_refresh
from service import Service


def use(service: Service) -> None:
    with Client(transport=service, auth=SessionAuth(email="ada@example.com", password="secret")) as client:
        assert client.base_url == "https://eu.pacerpro.example/api/v2"
        session_refresh.sync(client=client)
    assert service.last.url == "https://eu.pacerpro.example/api/v2/session"
