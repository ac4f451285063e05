from typing import Any

from nothing_said_client import Client
from nothing_said_client.api.default import ping
from service import Service


def use(service: Service) -> None:
    answer: Any = ping.sync(client=Client(transport=service))
    assert answer == {}
