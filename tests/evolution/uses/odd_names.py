from odd_names_client import Client
from odd_names_client.api.tag2nd_tier import get_odd_import
from odd_names_client.models import Import
from service import Service

ODD = {"from": "a", "self": "b", "None": 1, "field": "c", "additional_properties": "d", "to_dict": "e", "more": [2]}


def use(service: Service) -> None:
    service.answer(200, ODD)
    odd = get_odd_import.sync(
        "x",
        client=Client(transport=service, auth="token"),
        client_="1",
        body_="2",
        filtername="3",
        operation_="4",
    )
    assert service.last.url.query == b"client=1&body=2&filter%5Bname%5D=3&operation=4"
    assert odd == Import.from_dict(ODD)
    assert (odd.from_, odd.self_, odd.none, odd.field_, odd.additional_properties_) == ("a", "b", 1, "c", "d")
    assert odd.additional_properties == {"more": [2]}
    assert odd.to_dict() == ODD
