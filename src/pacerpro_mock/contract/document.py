"""The contract as a document: read from its file, and served with the mock in place of the production service."""

import functools
import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from pacerpro_mock.service.strict_json import is_array, is_object
from pacerpro_mock.settings import PREFIX

# In the wheel it lies beside this package, in a checkout at the root.
_SHIPPED = Path(__file__).parents[1] / "openapi.yaml"
_CHECKOUT = Path(__file__).parents[3] / "openapi.yaml"


class Document:
    """An OpenAPI 3.1 document, by default the project's contract. It is read when it is first asked for."""

    def __init__(self, path: Path | None = None) -> None:
        self.path = path or (_SHIPPED if _SHIPPED.is_file() else _CHECKOUT)

    @functools.cached_property
    def value(self) -> dict[str, Any]:
        """The document as plain JSON values. Raises `ValueError`, with the file's name, if it is not one."""
        import yaml  # noqa: PLC0415 - half of what it takes to start a mock, and one of the session does without

        try:
            read = yaml.load(self.path.read_bytes(), getattr(yaml, "CSafeLoader", yaml.SafeLoader))  # noqa: S506 - safe
            # YAML reads an unquoted date as one.
            value = json.loads(json.dumps(read, default=lambda date: date.isoformat(), allow_nan=False))
        except OSError as error:
            raise ValueError(f"cannot read {self.path}: {error.strerror}") from None
        except (yaml.YAMLError, ValueError, TypeError, AttributeError, RecursionError) as error:
            raise self.mistake(" ".join(str(error).split())) from None
        if not is_object(value) or not str(value.get("openapi", "")).startswith("3.1."):
            raise self.mistake("the mock reads OpenAPI 3.1, and this is something else")
        return value

    @property
    def served(self) -> dict[str, Any]:
        """The document with the mock as its only server: a reader of this copy must not call production."""
        return {**self.value, "servers": [{"url": PREFIX, "description": "This mock."}]}

    def yaml(self) -> str:
        """The same as YAML."""
        import yaml  # noqa: PLC0415 - see above

        return str(yaml.safe_dump(self.served, sort_keys=False, allow_unicode=True))

    @functools.cached_property
    def secret_names(self) -> frozenset[str]:
        """The names of all properties that are secrets: passwords, and what no response contains."""
        return frozenset(_secrets(self.value))

    def mistake(self, words: str) -> ValueError:
        """An error that names the file."""
        return ValueError(f"{self.path} is not a contract: {words}")


# All mocks of a process read the project's contract once.
shipped = functools.cache(Document)


def _secrets(node: Any) -> Iterator[str]:
    for name, each in node.items() if is_object(node) else enumerate(node) if is_array(node) else ():
        if is_object(each) and (each.keys() & {"writeOnly", "x-secret"} or each.get("format") == "password"):
            yield str(name)
        yield from _secrets(each)
