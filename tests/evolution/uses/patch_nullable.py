import datetime

from patch_nullable_client import Client
from patch_nullable_client.api.profile import profile_update
from patch_nullable_client.models import Profile
from service import Service


def use(service: Service) -> None:
    client = Client(transport=service, auth="token")
    profile_update.sync(client=client, body=Profile(nickname=None, born=datetime.date(1815, 12, 10)))
    assert service.sent == {"nickname": None, "born": "1815-12-10", "language": "en"}
    assert service.last.headers["Content-Type"] == "application/merge-patch+json"
