import pytest
from enum_added_client import Client, errors
from enum_added_client.api.authentication import session_refresh
from enum_added_client.models import SessionLevel, SessionRightsItem, SessionTier
from service import Service

SESSION = {"jwtToken": "a.b.c", "expiresAt": "2030-01-01T12:00:00Z"}


def use(service: Service) -> None:
    client = Client(transport=service, auth="token")
    service.answer(200, {**SESSION, "level": "two words", "tier": 2, "kind": "session", "rights": ["write"]})
    session = session_refresh.sync(client=client)
    assert session.level is SessionLevel.TWO_WORDS
    assert session.tier is SessionTier.VALUE_2
    assert session.kind == "session"
    assert session.rights == [SessionRightsItem.WRITE]

    newer = b'{"jwtToken": "a.b.c", "expiresAt": "2030-01-01T12:00:00Z", "level": "royal"}'
    service.answer(200, newer)
    assert session_refresh.sync(client=client).level == "royal"
    service.answer(200, newer)
    with pytest.raises(errors.InvalidResponse) as caught:
        session_refresh.sync(client=Client(transport=service, auth="token", strict=True))
    assert "/level should be one of" in str(caught.value)
