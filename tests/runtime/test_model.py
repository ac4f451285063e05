"""What all models and the values beside them have in common: repr, equality, copies, pickles."""

from __future__ import annotations

import copy
import io
import pickle
from pathlib import Path

import attrs
import pytest

from pacerpro_client.models import Empty, Error, ErrorType, Session, User
from pacerpro_runtime.types import UNSET, File, Response, Unset
from pacerpro_runtime.wire.model import Model, masked, secrets_of


@attrs.define
class Vault(Model):
    """Secrets at several depths."""

    name: str
    codes: list[str] | Unset = attrs.field(default=UNSET, repr=masked)
    owner: User | Unset | None = UNSET
    others: list[User] | Unset = UNSET
    additional_properties: dict[str, object] = attrs.field(init=False, factory=dict[str, object], repr=False)


def user(password="hunter2"):
    made = User(email="ada@example.com", password=password)
    made.additional_properties["locale"] = ["en"]
    return made


def vault():
    return Vault("v", ["hunter2", "hunter3"], user("hunter4"), [user("hunter5"), user("")])


def test_no_repr_shows_a_secret():
    assert repr(user()) == str(user()) == f"{user()}" == "User(email='ada@example.com', password=***)"
    assert repr(Session.from_dict({"jwtToken": "hunter2", "expiresAt": "2030-01-01T00:00:00Z"})).startswith(
        "Session(jwt_token=***, expires_at=datetime.datetime(2030, 1, 1, 0, 0, tzinfo=datetime.timezone.utc)"
    )
    assert "hunter" not in repr(vault())


def test_a_secret_that_is_not_there_is_shown_as_absent():
    assert repr(user("")) == "User(email='ada@example.com', password='')"
    assert repr(Vault("v")) == "Vault(name='v', codes=UNSET, owner=UNSET, others=UNSET)"


def test_further_properties_are_not_shown_because_nobody_says_what_they_are():
    made = user()
    made.additional_properties["otp"] = "hunter2"

    assert "hunter2" not in repr(made)
    assert made.to_dict() == {
        "email": "ada@example.com",
        "password": "hunter2",
        "locale": ["en"],
        "otp": "hunter2",
    }


def test_an_error_is_shown_as_its_message_where_it_has_one():
    assert str(Error(message="No", error="other")) == "No"
    assert str(Error(error="No")) == "Error(error='No', message=UNSET, status=UNSET, type_=UNSET)"
    assert str(Error(message="")) == repr(Error(message=""))


def test_models_are_equal_by_value():
    assert user() == user()
    assert user() != user("other")
    assert Empty() == Empty()
    assert Error(type_=ErrorType.ALERT) == Error.from_dict({"type": "alert"})


@pytest.mark.parametrize("take", [copy.copy, copy.deepcopy])
def test_a_copy_is_equal_and_its_own(take):
    original = vault()
    copied = take(original)

    assert copied == original
    copied.name = "w"
    assert original.name == "v"
    copied.owner.additional_properties["locale"].append("de")
    assert original.owner.additional_properties["locale"] == (["en", "de"] if take is copy.copy else ["en"])


def test_a_model_is_pickled_as_attrs_classes_are():
    error = Error(message="No", type_=ErrorType.ALERT)
    error.additional_properties["more"] = [1]

    for protocol in range(pickle.HIGHEST_PROTOCOL + 1):
        assert pickle.loads(pickle.dumps([error, vault()], protocol)) == [error, vault()]  # noqa: S301
    assert pickle.loads(pickle.dumps(error)).error is UNSET  # noqa: S301


def test_a_model_can_change_and_so_cannot_be_hashed():
    with pytest.raises(TypeError, match="unhashable type: 'User'"):
        hash(user())


def test_a_response_leaves_headers_and_content_behind():
    response = Response(299, {"Set-Cookie": "hunter2"}, b"hunter2", Empty())
    copied = pickle.loads(pickle.dumps(response))  # noqa: S301

    assert repr(response) == "Response(status_code=299)"
    assert b"hunter2" not in pickle.dumps(response)
    assert (copied.status_code, copied.headers, copied.content, copied.parsed) == (299, {}, b"", Empty())


@pytest.mark.parametrize("take", [copy.copy, copy.deepcopy, lambda value: pickle.loads(pickle.dumps(value))])  # noqa: S301
def test_unset_is_one_and_the_same_everywhere(take):
    assert take(UNSET) is UNSET
    assert take([UNSET])[0] is UNSET
    assert Unset.UNSET is UNSET
    assert not UNSET
    assert repr(UNSET) == "UNSET"


@pytest.mark.parametrize(
    ("file", "name"),
    [
        (File(b"bytes", "a.txt", "text/plain"), "a.txt"),
        (File(Path("folder") / "b.pdf"), "b.pdf"),
        (File("folder/b.pdf", "c.pdf"), "c.pdf"),
        (File(io.BytesIO()), None),
    ],
)
def test_a_file_has_the_name_that_it_is_given_or_its_own(file, name):
    assert file.name == name


@pytest.mark.parametrize(
    ("value", "secrets"),
    [
        (user(), ["hunter2"]),
        (vault(), ["hunter2", "hunter3", "hunter4", "hunter5"]),
        ([user(), {"inside": user("hunter3")}], ["hunter2", "hunter3"]),
        # Whatever is inside a secret is one.
        (Vault("v", [Error(message="hunter2", error=["hunter3"])]), ["hunter3", "hunter2"]),
        (Error(message="No"), []),
        ("hunter2", []),
        (UNSET, []),
        (None, []),
    ],
    ids=str,
)
def test_the_secrets_in_a_value(value, secrets):
    assert secrets_of(value) == secrets


def test_from_dict_refuses_what_the_contract_does_not_allow_without_showing_it():
    with pytest.raises(ValueError, match=r"^/email should be a string, and is an array$"):
        User.from_dict({"email": ["hunter2"], "password": "hunter2"})
