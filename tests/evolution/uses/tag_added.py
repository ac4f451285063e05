from service import Service
from tag_added_client import Client
from tag_added_client.api.court_calendars import __doc__ as said
from tag_added_client.api.court_calendars import calendar_list


def use(service: Service) -> None:
    with Client(transport=service, auth="token") as client:
        names: list[str] = calendar_list.sync(client=client)
    assert names == ["text"]
    assert said == "When courts sit."
