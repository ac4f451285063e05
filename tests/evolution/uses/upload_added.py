from io import BytesIO
from uuid import UUID

from service import Service
from upload_added_client import Client
from upload_added_client.api.documents import document_upload
from upload_added_client.models import Labels, Upload
from upload_added_client.types import File


def use(service: Service) -> None:
    labels = Labels()
    labels.additional_properties["court"] = "NDCA"
    upload = Upload(
        file=File(BytesIO(b"%PDF"), "motion.pdf", "application/pdf"), title="Motion", copies=2, labels=labels
    )
    stored = document_upload.sync(client=Client(transport=service, auth="token"), body=upload)
    assert stored.id == UUID("5f0c0a52-7d0e-4b9e-9a55-1d8d8f3f8f10")
    assert service.parts == {
        "file": ("motion.pdf", "application/pdf", b"%PDF"),
        "title": (None, "text/plain", b"Motion"),
        "copies": (None, "text/plain", b"2"),
        "labels": (None, "application/json", b'{"court":"NDCA"}'),
    }
