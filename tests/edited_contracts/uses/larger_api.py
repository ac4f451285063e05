import asyncio
import datetime
from collections.abc import Iterator
from uuid import UUID

import pytest
from larger_api_client import Client, SessionAuth, errors
from larger_api_client.api.cases import case_index, case_show
from larger_api_client.api.documents import document_download, document_show
from larger_api_client.api.events import case_events
from larger_api_client.api.matters import matter_create, matter_follow_case, matter_index, matter_show, matter_update
from larger_api_client.models import (
    Case,
    CaseOrder,
    CaseStatus,
    Event,
    Invalid,
    Matter,
    MatterChange,
    MatterInput,
)
from service import Service


def all_cases(client: Client) -> Iterator[Case]:
    """Go through the pages as a user would."""
    number: int | None = 1
    while number is not None:
        page = case_index.sync(client=client, page=number, per_page=1, sort=CaseOrder.VALUE_1)
        yield from page.items
        number = number + 1 if page.page_info.next_ else None


async def all_events(client: Client) -> list[Event]:
    async with client:
        first, second = await asyncio.gather(
            case_events.asyncio(1, client=client, since=datetime.datetime(2030, 1, 1, tzinfo=datetime.UTC)),
            case_events.asyncio(2, client=client, cursor="abc"),
        )
        return [*first.events, *second.events]


def use(service: Service) -> None:
    auth = SessionAuth(email="ada@example.com", password="secret")
    client = Client(transport=service, async_transport=service, auth=auth)
    read_cases(service, client)
    change_matters(service, client)

    document_id = document_show.sync(client=client, document_id=first_document(client)).id
    file = document_download.sync(document_id, client=client)
    assert file.read() == b"text"
    assert sum(request.method == "POST" and request.url.path == "/v1/session" for request in service.requests) == 1


def first_document(client: Client) -> UUID:
    documents = asyncio.run(all_events(client))[0].documents
    assert documents
    return documents[0].id


def read_cases(service: Service, client: Client) -> None:
    case = case_show.sync(7, client=client)
    assert (case.court.name, case.status, case.number) == ("text", CaseStatus.OPEN, "1:26-cv-00042")
    assert case.parties
    assert case.parties[0].attorneys
    assert case.parties[0].attorneys[0].name == "text"
    pages = [{"items": [case.to_dict()], "pageInfo": {"page": 1, "total": 2, "next": after}} for after in ("2", None)]
    for page in pages:
        service.answer(200, page)
    assert list(all_cases(client)) == [case, case]
    assert service.last.url.query == b"page=2&perPage=1&sort=-filed"


def change_matters(service: Service, client: Client) -> None:
    matter: Matter = matter_create.sync(client=client, body=MatterInput(name="Smith v. Jones", case_ids=[1, 2]))
    assert service.sent == {"name": "Smith v. Jones", "caseIds": [1, 2]}
    assert matter.created_at.tzinfo is not None
    matter_update.sync(matter.id, client=client, body=MatterChange(client_number=None))
    assert service.sent == {"clientNumber": None}
    followed = matter_follow_case.sync_detailed(matter.id, 7, client=client)
    nothing: None = followed.parsed
    assert (followed.status_code, nothing) == (204, None)
    assert service.last.url.path == f"/v1/matters/{matter.id}/cases/7"
    assert matter_index.sync(client=client).items[0].cases
    assert matter_show.sync(matter.id, client=client).id == matter.id

    service.answer(422, {"errors": {"name": ["is too short"]}})
    with pytest.raises(errors.ApiError) as caught:
        matter_create.sync(client=client, body=MatterInput(name="x"))
    invalid = caught.value.parsed
    assert isinstance(invalid, Invalid)
    assert invalid.errors["name"] == ["is too short"]
