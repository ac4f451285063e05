from security_changed_client import Client
from security_changed_client.api.authentication import session_delete, session_refresh
from service import Service


def use(service: Service) -> None:
    client = Client(transport=service, auth="token")
    session_refresh.sync(client=client)
    assert "Authorization" not in service.last.headers
    session_delete.sync(client=client)
    assert service.last.headers["Authorization"] == "Bearer token"
