"""The contract on FastAPI and PyJWT. FAULT switches on one of five mistakes; README.md lists them."""

import hashlib
import hmac
import os
import secrets
import uuid
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from http import HTTPStatus
from typing import Annotated

import jwt
import uvicorn
from fastapi import APIRouter, Depends, FastAPI, HTTPException, Request, Response
from fastapi.exceptions import RequestValidationError
from fastapi.responses import JSONResponse
from fastapi.security import HTTPAuthorizationCredentials, HTTPBearer
from pydantic import BaseModel
from starlette.exceptions import HTTPException as StarletteHTTPException

FAULT = os.environ.get("FAULT")
SECRET = os.environ["SECRET"]
TOKEN_LIFE = timedelta(hours=1)
CHALLENGE = {"WWW-Authenticate": 'Bearer realm="PacerPro"'}


def hash_password(password: str, salt: bytes) -> bytes:
    # surrogatepass: JSON can hold half of a surrogate pair. The cost is low, because tests log in often.
    return hashlib.scrypt(password.encode("utf-8", "surrogatepass"), salt=salt, n=2**8, r=8, p=1)


@dataclass
class Account:
    id: int
    email: str
    salt: bytes
    password_hash: bytes
    jti: str = field(default_factory=lambda: str(uuid.uuid4()))


def create_account(number: int, email: str, password: str) -> Account:
    salt = secrets.token_bytes(16)
    return Account(number, email, salt, hash_password(password, salt))


ACCOUNTS = {
    number: create_account(number, *entry.split(":", 1))
    for number, entry in enumerate(os.environ["USERS"].split(","), 1)
}
# Compared with when the address is unknown, so that the time of the answer does not tell.
NOBODY = create_account(0, "", secrets.token_urlsafe())


class User(BaseModel):
    email: str
    password: str


class Session(BaseModel):
    jwtToken: str  # noqa: N815 - the contract's name
    expiresAt: datetime  # noqa: N815 - the contract's name


class Empty(BaseModel):
    pass


def start_session(account: Account) -> Session:
    expires_at = (datetime.now(UTC) + TOKEN_LIFE).replace(microsecond=0)
    claims = {"jti": account.jti, "sub": account.id, "exp": expires_at, "scp": "user"}
    return Session(jwtToken=jwt.encode(claims, SECRET, algorithm="HS256"), expiresAt=expires_at)


def invalid_token() -> HTTPException:
    return HTTPException(401, "Token invalid or expired", CHALLENGE)


def require_json(request: Request) -> None:
    if request.headers.get("content-type", "").partition(";")[0].strip().lower() != "application/json":
        raise HTTPException(415, "Unsupported Media Type")


Bearer = Annotated[HTTPAuthorizationCredentials | None, Depends(HTTPBearer(auto_error=False))]


def current_account(bearer: Bearer) -> Account:
    if bearer is None:
        raise invalid_token()
    options = {
        "require": ["exp", "jti", "sub", "scp"],
        "verify_sub": False,  # PyJWT wants a string, and this service has numbers
        "verify_exp": FAULT != "expired-tokens",
    }
    try:
        claims = jwt.decode(bearer.credentials, SECRET, algorithms=["HS256"], options=options)
    except jwt.InvalidTokenError as error:
        raise invalid_token() from error
    account = ACCOUNTS.get(claims["sub"])
    if account is None or claims["jti"] != account.jti or claims["scp"] != "user":
        raise invalid_token()
    return account


CurrentAccount = Annotated[Account, Depends(current_account)]
router = APIRouter(prefix="/v1")


@router.post("/session", dependencies=[Depends(require_json)])
def session_create(user: User, response: Response) -> Session:
    account = next((each for each in ACCOUNTS.values() if each.email == user.email), NOBODY)
    matches = hmac.compare_digest(hash_password(user.password, account.salt), account.password_hash)
    if account is NOBODY or not matches:
        raise HTTPException(401, "Invalid email or password", CHALLENGE)
    response.headers["Cache-Control"] = "no-store"
    return start_session(account)


@router.get("/session")
def session_refresh(account: CurrentAccount, bearer: Bearer, response: Response) -> Session:
    response.headers["Cache-Control"] = "no-store"
    if FAULT == "same-token" and bearer is not None:
        claims = jwt.decode(bearer.credentials, options={"verify_signature": False})
        return Session(jwtToken=bearer.credentials, expiresAt=datetime.fromtimestamp(claims["exp"], UTC))
    if FAULT == "refresh-ends-the-older":
        account.jti = str(uuid.uuid4())
    return start_session(account)


@router.delete("/session")
def session_delete(account: CurrentAccount) -> Empty:
    account.jti = str(uuid.uuid4())
    return Empty()


# The size of a body is the gateway's business, as the contract says of 413.
app = FastAPI(title="PacerPro")
app.include_router(router)


def error_response(status: int, message: str, headers: dict[str, str] | None = None) -> JSONResponse:
    return JSONResponse({"error": message, "message": message, "status": status, "type": "error"}, status, headers)


@app.exception_handler(StarletteHTTPException)
def on_http_error(_request: Request, error: StarletteHTTPException) -> JSONResponse:
    return error_response(error.status_code, error.detail, dict(error.headers or {}))


@app.exception_handler(RequestValidationError)
def on_invalid_body(_request: Request, error: RequestValidationError) -> JSONResponse:
    problems = error.errors()
    if FAULT == "stock-422":
        return error_response(422, "; ".join(each["msg"] for each in problems))
    if FAULT == "input-in-message":
        return error_response(401, f"Invalid credentials: {error.body}", CHALLENGE)
    # A problem with one of the properties means that there is an object, without valid credentials.
    if all(each["loc"][1:] in {("email",), ("password",)} for each in problems):
        return error_response(401, "Invalid email or password", CHALLENGE)
    return error_response(400, "The body is not a JSON object")


@app.exception_handler(Exception)
def on_failure(_request: Request, _error: Exception) -> JSONResponse:
    return error_response(500, HTTPStatus.INTERNAL_SERVER_ERROR.phrase)


if __name__ == "__main__":
    uvicorn.run(app, host="127.0.0.1", port=int(os.environ.get("PORT", "8000")), access_log=False)
