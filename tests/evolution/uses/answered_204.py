from answered_204_client import Client, SessionAuth
from answered_204_client.api.authentication import session_delete, session_refresh
from service import Service


def use(service: Service) -> None:
    auth = SessionAuth(email="ada@example.com", password="secret")
    with Client(transport=service, auth=auth) as client:
        session_refresh.sync(client=client)
        response = session_delete.sync_detailed(client=client)
        nothing: None = response.parsed
        assert (response.status_code, nothing) == (204, None)
