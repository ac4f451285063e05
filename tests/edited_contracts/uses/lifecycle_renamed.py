import datetime

from lifecycle_renamed_client import Client, SessionAuth, __version__
from lifecycle_renamed_client.api.user_sessions import keep_alive, log_in, log_out
from lifecycle_renamed_client.models import LoginSession, User
from service import Service


def use(service: Service) -> None:
    assert __version__ == "4.0.0"
    user = User(user_name="ada", passphrase="correct horse")
    assert repr(user) == "User(user_name='ada', passphrase=***)"
    auth = SessionAuth(email="ada", password="correct horse")
    with Client(transport=service, auth=auth) as client:
        assert client.base_url == "https://eu.pacerpro.example/api/v2"
        created = log_in.sync_detailed(client=client, body=user)
        assert (created.status_code, created.parsed.access_token) == (201, "text")
        session: LoginSession = keep_alive.sync(client=client)
        assert session.valid_until == datetime.datetime(2030, 1, 1, 12, tzinfo=datetime.UTC)
        # Nothing marks the token as a secret here, but for the lifecycle.
        assert repr(session).startswith("LoginSession(access_token=***, ")
        held: LoginSession | None = auth.session
        assert held == session
        response = log_out.sync_detailed(client=client)
        nothing: None = response.parsed
        assert (response.status_code, nothing) == (204, None)
    first, *_, last = service.requests
    assert first.content == b'{"userName":"ada","passphrase":"correct horse"}'
    assert last.headers["Authorization"] == "Bearer text"
    assert {request.method for request in service.requests} == {"POST", "PUT", "DELETE"}
    assert {str(request.url) for request in service.requests} == {
        "https://eu.pacerpro.example/api/v2/auth:v2/user-session"
    }
