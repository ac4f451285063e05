from credentials_renamed_client import Client, SessionAuth
from credentials_renamed_client.api.authentication import session_create, session_refresh
from credentials_renamed_client.models import User
from service import Service


def use(service: Service) -> None:
    with Client(transport=service) as client:
        user = User(user_name="ada", passphrase="correct horse")
        session_create.sync(client=client, body=user)
        assert service.sent == {"userName": "ada", "passphrase": "correct horse"}
        assert repr(user) == "User(user_name='ada', passphrase=***)"
    with Client(transport=service, auth=SessionAuth(email="ada", password="correct horse")) as client:
        session_refresh.sync(client=client)
        assert service.requests[-2].content == b'{"userName":"ada","passphrase":"correct horse"}'
