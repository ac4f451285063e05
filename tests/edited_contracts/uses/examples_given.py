from examples_given_client import Client
from examples_given_client.api.odd import incomplete_example, recursive_models, recursive_union
from examples_given_client.models import Both, Folder, Owner
from service import Service


def use(service: Service) -> None:
    client = Client(transport=service, auth="token")
    inner = Folder(name="inner", folders=[], parent=None, owner=Owner())
    recursive_models.sync(
        client=client, body=Folder(name="outer", folders=[inner], parent=inner, owner=Owner(root=inner))
    )
    assert service.sent["folders"] == [service.sent["parent"]] == [service.sent["owner"]["root"]] == [inner.to_dict()]
    recursive_union.sync(client=client, body=Both(left="a", right=Both(left="b", right="c")))
    assert service.sent == {"left": "a", "right": {"left": "b", "right": "c"}}
    # What can be used of an example that does not fit is used.
    for said in ('title="A motion"', 'Court(id=1, city="Boston")', 'Party(name="Ada", role=PartyRole.PLAINTIFF)'):
        assert said in str(incomplete_example.__doc__)
