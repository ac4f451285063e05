from schema_renamed_client import Client, SessionAuth
from schema_renamed_client.api.authentication import session_refresh
from schema_renamed_client.models import LoginSession
from service import Service


def use(service: Service) -> None:
    auth = SessionAuth(email="ada@example.com", password="secret")
    with Client(transport=service, auth=auth) as client:
        session: LoginSession = session_refresh.sync(client=client)
        held: LoginSession | None = auth.session
        assert held == session
        # Nothing marks the token as a secret here, but for the lifecycle.
        assert repr(session).startswith("LoginSession(jwt_token=***, ")
