import pytest
from enum_nullable_client import Client, errors
from enum_nullable_client.api.authentication import session_refresh
from enum_nullable_client.models import Error, ErrorColor, ErrorKindOfError, Urgency
from service import Service


def refused(client: Client) -> Error:
    with pytest.raises(errors.Unauthorized) as caught:
        session_refresh.sync(client=client)
    assert isinstance(caught.value.parsed, Error)
    return caught.value.parsed


def use(service: Service) -> None:
    client = Client(transport=service, auth="token")
    for body in (
        {"color": "blue", "urgency": 2, "kind": "own", "places": ["head", None]},
        {"color": None, "kind": None},
    ):
        service.answer(401, body)
        error = refused(client)
        color: ErrorColor | str | None = error.color or None
        assert (color is ErrorColor.BLUE) == (body["color"] == "blue")
        assert (error.urgency is Urgency.VALUE_2) == ("urgency" in body)
        assert (error.kind is ErrorKindOfError.OWN) == (body["kind"] == "own")
        assert error.to_dict() == body
