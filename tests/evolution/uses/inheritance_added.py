from inheritance_added_client import Client
from inheritance_added_client.api.folders import folder_create
from inheritance_added_client.models import Folder
from service import Service


def use(service: Service) -> None:
    counts = {"a": 1}
    folder = Folder(name="top", children=[Folder(name="inner")], counts=counts)
    nested = {"children": [{"name": "inner"}], "counts": {"a": 1}}
    service.answer(200, {"id": 1, "secret": "hush", "pins": ["1234"], "name": "top", **nested})
    saved = folder_create.sync(client=Client(transport=service, auth="token"), body=folder)
    assert service.sent == {"name": "top", "children": [{"name": "inner"}], "counts": {"a": 1}}
    assert (saved.id, saved.name, saved.children, saved.counts) == (1, "top", [Folder(name="inner")], counts)
    assert saved.pins == ["1234"]
    assert "hush" not in repr(saved)
    assert "1234" not in repr(saved)
