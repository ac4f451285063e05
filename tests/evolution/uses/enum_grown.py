import pytest
from enum_grown_client import Client, errors
from enum_grown_client.api.authentication import session_refresh
from enum_grown_client.models import Error, ErrorType
from service import Service


def use(service: Service) -> None:
    service.answer(403, {"message": "No", "type": "fatal"})
    with pytest.raises(errors.Forbidden) as caught:
        session_refresh.sync(client=Client(transport=service, auth="token"))
    parsed = caught.value.parsed
    assert isinstance(parsed, Error)
    assert parsed.type_ is ErrorType.FATAL
