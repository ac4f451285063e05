import datetime

from date_nullable_client import Client
from date_nullable_client.api.authentication import session_refresh
from date_nullable_client.types import UNSET, Unset
from service import Service

SESSION = {"jwtToken": "a.b.c", "expiresAt": "2030-01-01T12:00:00Z"}


def use(service: Service) -> None:
    client = Client(transport=service, auth="token")
    service.answer(200, {**SESSION, "lastSeen": None, "leavesOn": None})
    session = session_refresh.sync(client=client)
    seen: datetime.datetime | None = session.last_seen
    leaves: datetime.date | Unset | None = session.leaves_on
    assert (seen, leaves, session.member_since) == (None, None, UNSET)
    assert session.to_dict()["lastSeen"] is None
    assert "memberSince" not in session.to_dict()

    service.answer(200, {**SESSION, "lastSeen": "2029-12-31T23:00:00+01:00", "memberSince": "2020-02-29"})
    session = session_refresh.sync(client=client)
    assert session.last_seen == datetime.datetime(2029, 12, 31, 22, tzinfo=datetime.UTC)
    assert session.member_since == datetime.date(2020, 2, 29)
