from every_shape_client import Client
from every_shape_client.api.default import anything_post, free_post, raw_post, tree_delete, tree_get, tree_post
from every_shape_client.models import Cat, Dog, Kind, TreeDeleteBody, TreePostBody
from every_shape_client.types import File, UnknownKind
from service import Service


def use(service: Service) -> None:
    client = Client(transport=service, auth="token")
    samples: list[object] = [{"a": [1, None]}, [], "text", 1.5, None]
    for anything in samples:
        pet: Cat | Dog | UnknownKind = anything_post.sync(client=client, body=anything)
        assert isinstance(pet, Cat)
        assert (pet.kind, service.sent) == ("cat", anything)
    service.answer(200, {"kind": "dog", "name": "Rex"})
    dog = anything_post.sync(client=client, body=Cat(kind="cat", lives=9))
    assert (dog, service.sent) == (Dog(kind="dog", name="Rex"), {"kind": "cat", "lives": 9})

    tree = tree_get.sync(7, client=client, kinds=[Kind.OAK_TREE], exact="yes", x_trace="abcdef", session="s")
    assert service.last.url.query == b"kinds=oak+tree&sort=name&exact=yes"
    assert (service.last.headers["X-Trace"], service.last.headers["Cookie"]) == ("abcdef", "session=s")
    assert tree.children[0].name == "text"

    tree_delete.sync(7, client=client, body=TreeDeleteBody(reason="because"), x_trace="abcdef")
    assert service.last.content == b"reason=because"
    body = TreePostBody(file=File(b"1"), kind=Kind.OAK, count=3, files=[File(b"2"), File(b"3")])
    tree_post.sync(7, client=client, body=body, x_trace="abcdef")
    assert (service.parts["kind"][2], service.parts["count"][2]) == (b"oak", b"3")
    service.answer(200, [1, None])
    assert raw_post.sync(client=client, body=File(b"raw")) == [1, None]
    free: dict[str, object] = {"a": 1}
    service.answer(200, {"b": "c"})
    assert free_post.sync(client=client, body=free) == {"b": "c"}
    assert service.sent == {"a": 1}
