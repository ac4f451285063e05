from service import Service
from two_tags_client import Client
from two_tags_client.api.cases import case_list
from two_tags_client.api.matters import case_list as case_list_of_matters


def use(service: Service) -> None:
    with Client(transport=service, auth="token") as client:
        assert case_list.sync(client=client) == case_list_of_matters.sync(client=client) == ["text"]
    # Each shows how it is imported from where it stands.
    assert "from pacerpro_client.api.cases import" in str(case_list.__doc__)
    assert "from pacerpro_client.api.matters import" in str(case_list_of_matters.__doc__)
