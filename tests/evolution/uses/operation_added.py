import asyncio
import datetime

import pytest
from operation_added_client import Client, errors
from operation_added_client.api.authentication import filing_list
from operation_added_client.models import Filing, Party
from service import Service


async def list_without_blocking(client: Client) -> list[Filing]:
    async with client:
        response = await filing_list.asyncio_detailed(7, client=client)
        return response.parsed


def use(service: Service) -> None:
    client = Client(transport=service, async_transport=service, auth="token")
    service.answer(200, [{"id": 1, "parties": [{"name": "Ada", "counsel": {"name": "Bob"}}], "pages": [[1, 2], []]}])
    filings: list[Filing] = filing_list.sync(
        7, client=client, page_size=100, court=["a b", "c&d"], sealed=False, filed_after=datetime.date(2030, 1, 2)
    )
    assert service.last.url.raw_path == (
        b"/v1/matters/7/filings?pageSize=100&court=a+b&court=c%26d&sealed=false&filedAfter=2030-01-02"
    )
    assert filings[0].parties == [Party(name="Ada", counsel=Party(name="Bob"))]
    assert filings[0].pages == [[1, 2], []]
    assert asyncio.run(list_without_blocking(client))[0].id == 1
    assert service.last.url.query == b"pageSize=20", "the default is sent"

    service.answer(404, {"message": "No such matter"})
    with pytest.raises(errors.NotFound) as caught:
        filing_list.sync(8, client=client)
    assert "No such matter" in str(caught.value)
