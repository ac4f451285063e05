from generated.api.authentication import session_create, session_delete, session_refresh
from generated.client import AuthenticatedClient, Client
from generated.models import Error, Session, User
from walk import Answer, walk


class Stock:
    def __init__(self, base_url: str) -> None:
        self.base_url = base_url

    def log_in(self, email: str, password: str) -> Answer:
        client = Client(self.base_url)
        return answer(session_create.sync_detailed(client=client, body=User(email=email, password=password)))

    def refresh(self, token: str) -> Answer:
        return answer(session_refresh.sync_detailed(client=AuthenticatedClient(self.base_url, token)))

    def log_out(self, token: str) -> Answer:
        return answer(session_delete.sync_detailed(client=AuthenticatedClient(self.base_url, token)))


def answer(response) -> Answer:
    match response.parsed:
        case Session() as session:
            found = {"session": {"jwtToken": session.jwt_token, "expiresAt": session.expires_at}}
        case Error() as error:
            found = {"message": error.message}
        case _:
            found = {}
    return {"status": response.status_code, **found}


walk(Stock)
