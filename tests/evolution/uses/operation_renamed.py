from operation_renamed_client import Client, SessionAuth
from operation_renamed_client.api.sessions import keep_alive, log_in, log_out
from operation_renamed_client.models import User
from service import Service


def use(service: Service) -> None:
    with Client(transport=service, auth=SessionAuth(email="ada@example.com", password="secret")) as client:
        keep_alive.sync(client=client)
        log_in.sync(client=client, body=User(email="ada@example.com", password="secret"))
        log_out.sync(client=client)
    assert [request.method for request in service.requests] == ["POST", "GET", "POST", "DELETE"]
