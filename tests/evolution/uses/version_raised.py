from service import Service
from version_raised_client import Client, __version__
from version_raised_client.api.authentication import session_create
from version_raised_client.models import User


def use(service: Service) -> None:
    with Client(transport=service) as client:
        session_create.sync(client=client, body=User(email="ada@example.com", password="secret"))
    assert __version__ == "7.1.2"
    assert service.last.headers["User-Agent"] == "pacerpro-client/7.1.2"
