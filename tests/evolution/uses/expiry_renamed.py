import datetime

from expiry_renamed_client import Client, SessionAuth
from expiry_renamed_client.api.authentication import session_refresh
from service import Service


def use(service: Service) -> None:
    auth = SessionAuth(email="ada@example.com", password="secret")
    with Client(transport=service, auth=auth) as client:
        session = session_refresh.sync(client=client)
        assert session.valid_until == datetime.datetime(2030, 1, 1, 12, tzinfo=datetime.UTC)
        assert auth.session is not None
        assert auth.session.valid_until == session.valid_until
