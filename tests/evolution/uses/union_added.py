import datetime

from service import Service
from union_added_client import Client
from union_added_client.api.events import event_get
from union_added_client.models import Deadline, Hearing, Pending


def use(service: Service) -> None:
    client = Client(transport=service, auth="token")
    service.answer(200, {"kind": "deadline", "due": "2030-01-02", "owner": None})
    event: Deadline | Hearing | Pending = event_get.sync(7, client=client)
    assert isinstance(event, Deadline)
    assert (event.due, event.owner) == (datetime.date(2030, 1, 2), None)

    service.answer(200, {"kind": "hearing", "room": 5})
    event = event_get.sync("a/b", client=client)
    assert service.last.url.raw_path == b"/v1/events/a%2Fb"
    assert isinstance(event, Hearing)
    assert event.room == 5

    service.answer(202, {"retryIn": 3})
    response = event_get.sync_detailed(7, client=client)
    assert response.parsed == Pending(retry_in=3)
