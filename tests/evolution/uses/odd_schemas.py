from odd_schemas_client import Client
from odd_schemas_client.api.odd import odd_get
from odd_schemas_client.models import ClientModel, FileModel, UnsetModel
from service import Service

NAMED = ("file", "response", "parameter", "any", "literal", "model", "operation")
ODD = {name: {"name": name} for name in NAMED} | {"unset": "gone"}


def use(service: Service) -> None:
    service.answer(200, ODD)
    odd: ClientModel = odd_get.sync(client=Client(transport=service, auth="token"))
    assert odd.file == FileModel(name="file")
    assert odd.unset is UnsetModel.GONE
    assert odd.to_dict() == ODD
