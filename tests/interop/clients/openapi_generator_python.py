from openapi_client import ApiClient, ApiException, AuthenticationApi, Configuration, Session, User
from walk import Answer, walk


class Generated:
    def __init__(self, base_url: str) -> None:
        self.base_url = base_url

    def api(self, token: str | None = None) -> AuthenticationApi:
        return AuthenticationApi(ApiClient(Configuration(host=self.base_url, access_token=token)))

    def log_in(self, email: str, password: str) -> Answer:
        return answer(self.api().session_create_with_http_info, User(email=email, password=password))

    def refresh(self, token: str) -> Answer:
        return answer(self.api(token).session_refresh_with_http_info)

    def log_out(self, token: str) -> Answer:
        return answer(self.api(token).session_delete_with_http_info)


def answer(call, *arguments) -> Answer:
    try:
        response = call(*arguments)
    except ApiException as refused:
        return {"status": refused.status, "message": refused.data.message}
    if isinstance(response.data, Session):
        session = {"jwtToken": response.data.jwt_token, "expiresAt": response.data.expires_at}
        return {"status": response.status_code, "session": session}
    return {"status": response.status_code}


walk(Generated)
