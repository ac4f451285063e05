from uuid import UUID

from download_added_client import Client
from download_added_client.api.documents import document_download, document_text
from download_added_client.types import File
from service import Service

ID = UUID("5f0c0a52-7d0e-4b9e-9a55-1d8d8f3f8f10")


def use(service: Service) -> None:
    client = Client(transport=service, auth="token")
    service.answer(200, b"\x00\xff")
    file: File = document_download.sync(ID, client=client)
    assert file.read() == b"\x00\xff"
    text: str = document_text.sync(ID, client=client)
    assert text == "text"
    assert service.last.url.path == f"/v1/documents/{ID}/text"
