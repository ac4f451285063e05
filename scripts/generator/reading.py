"""Read the operations of a contract as the templates write them: names, types, and what travels where."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

from openapi_python_client.config import Config

from generator.described import Body, Operation, Outcome, Property, union
from generator.json_pointer import Pointer, at, parsed, resolve
from generator.media_types import WAY_OUT, is_binary, kind_of_body
from generator.merging import Refused, Schema
from generator.models import BINARY, Models, holds_file
from generator.naming import IN_A_FUNCTION, operation_name, python_names, tag_name
from generator.structure import METHODS, path_items

# Where parameters stand, each with whether an array is exploded unless something else is said.
LOCATIONS = {"path": False, "query": True, "header": False, "cookie": True}


class Reading:
    """The operations of a contract, and the models that they use.

    Attributes:
        operations: The operations in the order of the contract.
        models: The classes that they take and answer.
        problems: What cannot be generated: places and reasons.
        contents: The schemas of bodies and answers, by the places of their media types.
    """

    def __init__(self, document: dict[str, Any], config: Config) -> None:
        self.document = document
        self.models = Models(document, config)
        self.problems = self.models.schemas.problems
        self.contents: dict[Pointer, Schema] = {}
        self._config = config
        items = [(path, held, method) for path, held in path_items(document) for method in held if method in METHODS]
        self.operations = [self._operation(*each) for each in items]
        self.models.complete()

    def tags(self) -> dict[str, list[Operation]]:
        """Return the operations by the names of their tags: those that the contract declares come first."""
        stated = [tag_name(each["name"]) for each in self.document.get("tags", [])]
        found: dict[str, list[Operation]] = {name: [] for name in stated}
        for operation in self.operations:
            for name in dict.fromkeys(tag_name(tag) for tag in operation.said.get("tags") or ["default"]):
                found.setdefault(name, []).append(operation)
        return {name: operations for name, operations in found.items() if operations}

    def _operation(self, path: str, held: dict[str, Pointer], method: str) -> Operation:
        place, said = held[method], at(self.document, held[method])
        name = operation_name(said.get("operationId", ""), f"{method}{path}")
        body = resolve(self.document, said.get("requestBody", {}))
        bodies = list(self._bodies(name, place, said))
        return Operation(
            name,
            path,
            method,
            place,
            said,
            # What it says itself goes before what the document's top says.
            secured=any(said.get("security", self.document.get("security", []))),
            tag=tag_name((said.get("tags") or ["default"])[0]),
            deprecated=f"{method.upper()} {path} will be removed from the API." if said.get("deprecated") else "",
            parameters=self._parameters(name, path, [held.get("parameters", ()), (*place, "parameters")]),
            bodies=bodies,
            body_required=bool(body.get("required")),
            body_description=_described(body, "What to send.", [each.schema for each in bodies]),
            outcomes=list(self._outcomes(name, place, said, is_head=method == "head")),
        )

    # Parameters.

    def _parameters(self, operation: str, path: str, places: list[Pointer]) -> list[Property]:
        stated: dict[tuple[str, str], tuple[Pointer, Any]] = {}
        for place in places:
            here: set[tuple[str, str]] = set()
            for index, given in enumerate((at(self.document, place) or []) if place else []):
                one, where = resolve(self.document, given), (*place, index)
                key = (one["in"], one["name"].lower() if one["in"] == "header" else one["name"])
                if key in here:
                    self.problems.append((where, f"the parameter {one['name']} is there twice"))
                here.add(key)
                stated[key] = (where, given)
        if ("header", "cookie") in stated and any(location == "cookie" for location, _ in stated):
            message = "the client writes the header Cookie itself, from the cookie parameters: leave it out"
            self.problems.append((stated["header", "cookie"][0], message))
        placeholders = re.findall(r"{([^}]*)}", path)
        found = [self._parameter(operation, placeholders, *each) for each in stated.values()]
        in_path = {name: number for number, name in enumerate(placeholders)}
        found.sort(key=lambda each: (list(LOCATIONS).index(each.location), in_path.get(each.name, 0)))
        for name in placeholders:
            if ("path", name) not in stated:
                message = f"the path has {{{name}}}, and no parameter of that name says what it is"
                self.problems.append((places[1][:-1], message))
        names = python_names([(each.name, each.location) for each in found], IN_A_FUNCTION)
        for each, python_name in zip(found, names, strict=True):
            each.python_name = python_name
        return found

    def _parameter(self, operation: str, placeholders: list[str], place: Pointer, given: dict[str, Any]) -> Property:
        said = {**resolve(self.document, given), **{key: given[key] for key in ("description",) if key in given}}
        name, location = said["name"], said["in"]
        schema = next(iter(said.get("content", {}).values()), said).get("schema", {})
        owner = parsed(given["$ref"])[-1] if "$ref" in given else f"{operation}_{name}"
        plain = self.models.schemas.plain(schema, str(owner))
        self.models.use(plain, "sent")
        if location == "path" and name not in placeholders:
            self.problems.append((place, f"the path has no {{{name}}}"))
        if "content" not in said:
            self.problems += [(place, message) for message in self._shape_faults(plain, location)]
        required, explode = said.get("required", False), LOCATIONS[location]
        # What the client is told of how it is written, apart from the usual.
        facts = [f"explode={said['explode']}"] if said.get("explode", explode) != explode else []
        facts += ["json=True"] if "content" in said else []
        facts += ["reserved=True"] if said.get("allowReserved") and location == "query" else []
        code = self.models.annotation(plain)
        return Property(
            name=name,
            schema=plain,
            type=code if required or code == "Any" else f"{code} | Unset",
            required=required,
            description=str(said.get("description", "")),
            default="" if plain.get("default") is None else self.models.expression(plain, plain["default"]),
            deprecated=bool(said.get("deprecated") or plain.get("deprecated")),
            location=location,
            facts=facts,
            said=said,
            examples=self._examples(said),
        )

    def _shape_faults(self, plain: Schema, location: str) -> Iterator[str]:
        for one, kind in self._kinds(plain):
            if location == "path" and kind == "null":
                yield "a part of the path cannot be null"
            if kind == "object" and location != "query":
                yield f"an object cannot stand in a {location} parameter: use an array, or JSON by `content`"
            if kind == "array" and location == "cookie":
                yield "an array cannot stand in a cookie: use a string"
            inner = one.get("items") or {} if kind == "array" else {}
            for held in [inner, *one.get("prefixItems", []), *one.get("properties", {}).values()]:
                for _, inside in self._kinds(held):
                    if inside == "object" or (inside == "array" and kind == "array"):
                        yield f"an {kind} in a parameter cannot hold an {inside}: use JSON, by `content`"

    def _kinds(self, plain: Schema) -> Iterator[tuple[Schema, Any]]:
        for each in plain.get("anyOf", [plain]):
            one = self.models.schemas.resolve(each)
            yield one, "object" if "properties" in one else one.get("type")

    def _examples(self, said: dict[str, Any]) -> list[Any]:
        """Return the examples that the contract gives of a parameter or a body."""
        named = [resolve(self.document, each).get("value") for each in said.get("examples", {}).values()]
        return [*([said["example"]] if "example" in said else []), *named]

    # Bodies and answers.

    def _bodies(self, operation: str, where: Pointer, said: dict[str, Any]) -> Iterator[Body]:
        given = said.get("requestBody", {})
        content = resolve(self.document, given).get("content", {})
        place = (*where, "requestBody")
        for media_type, media in content.items():
            name = str(parsed(given["$ref"])[-1]) if "$ref" in given else operation
            hint = f"{name}_{_word(media_type)}_body" if len(content) > 1 else f"{name}_body"
            kind, plain = self._content(media_type, media, hint, (*place, "content", media_type))
            self.models.use(plain, "form" if kind == "multipart" else "sent")
            if kind in {"form", "multipart"}:
                for inner, message in self._form(kind, media, plain):
                    self.problems.append(((*place, "content", media_type, *inner), message))
            type_ = {"file": "File", "text": "str"}.get(kind) or self.models.annotation(plain)
            encoding = _encoding(media) if kind in {"form", "multipart"} else {}
            yield Body(media_type, kind, type_, plain, media, self._examples(media), encoding)

    def _content(self, media_type: str, media: dict[str, Any], hint: str, place: Pointer) -> tuple[str, Schema]:
        """Return how the content of a body is written, and its schema."""
        plain = self.contents[place] = self.models.schemas.plain(media.get("schema", {}), hint)
        try:
            kind = kind_of_body(media_type, self.models.schemas.resolve(plain), self._config)
        except ValueError as error:
            self.problems.append((place, str(error)))
            return "json", plain
        if kind == "json" and holds_file(plain):
            self.problems.append((place, BINARY))
        return kind, plain

    def _form(self, kind: str, media: dict[str, Any], plain: Schema) -> Iterator[tuple[Pointer, str]]:
        """Yield what is wrong with a form; note which parts of one are files."""
        model = self.models.schemas.resolve(plain)
        if model.get("type") != "object":
            yield ("schema",), "a form is an object: give it properties"
            return
        properties = model.setdefault("properties", {})
        for name in [each for each in media.get("encoding", {}) if each not in properties]:
            yield ("encoding", name), f"the body has no property {name}"
        if kind == "multipart":
            more = model.get("additionalProperties")
            parts = [(properties, name) for name in properties] + ([(model, "additionalProperties")] if more else [])
            for holder, name in parts:
                try:
                    holder[name] = _with_files(holder[name])
                except Refused as refused:
                    yield ("schema",), f"{name} is {refused}"

    def _outcomes(self, operation: str, where: Pointer, said: dict[str, Any], *, is_head: bool) -> Iterator[Outcome]:
        for status, given in said["responses"].items():
            if status.startswith("x-"):
                continue
            place = (*where, "responses", status)
            answer = resolve(self.document, given)
            empty = is_head or status in {"204", "205", "304"}
            name = f"{parsed(given['$ref'])[-1]}_response" if "$ref" in given else f"{operation}_response_{status}"
            read, bare = dict[str, tuple[str, str]](), dict[str, tuple[str, str]]()
            for media_type, media in {} if empty else answer.get("content", {}).items():
                hint = f"{name}_{_word(media_type)}" if len(answer["content"]) > 1 else name
                found = self._read(media_type, media, hint, (*place, "content", media_type))
                if bare.setdefault(media_type.partition(";")[0].strip().lower(), found) != found:
                    message = "another media type differs in its parameters alone: describe both in one schema"
                    self.problems.append(((*place, "content", media_type), message))
                read[media_type] = found
            readers = {reader for _, reader in read.values()}
            of_each = ", ".join(f"{media_type!r}: {reader}" for media_type, (_, reader) in read.items())
            yield Outcome(
                status,
                status if status.isdigit() else f'"{status}"',
                union(type_ for type_, _ in read.values()),
                f"by_media_type({{{of_each}}})" if len(readers) > 1 else next(iter(readers), "as_nothing"),
                _described(
                    answer, f"What comes with {status}.", [self.contents[*place, "content", each] for each in read]
                ),
            )

    def _read(self, media_type: str, media: dict[str, Any], hint: str, place: Pointer) -> tuple[str, str]:
        """Return the type of an answer in a media type, and how it is read."""
        kind, plain = self._content(media_type, media, hint, place)
        self.models.use(plain, "answered")
        type_ = self.models.annotation(plain, answered=True)
        if kind in {"form", "multipart"}:
            self.problems.append((place, f"the client does not read answers of {media_type}: {WAY_OUT}"))
        passed = f"Response[{type_}]" if "OpenEnum[" in type_ else type_  # See the runtime's decoder.
        if kind == "json":
            return type_, f"as_json({passed})"
        if kind == "file":
            return "File", "as_file"
        return ("str", "as_text") if type_ in {"str", "Any"} else (type_, f"as_text_of({passed})")


def _described(said: dict[str, Any], otherwise: str, schemas: list[Schema]) -> str:
    """Return a description in one line, with a word on what is deprecated in all media types."""
    deprecated = schemas and all(each.get("deprecated") for each in schemas)
    return ("Deprecated. " if deprecated else "") + (" ".join(said.get("description", "").split()) or otherwise)


def _with_files(plain: Schema, *, in_array: bool = False) -> Schema:
    """Return the schema of a part of a multipart body, in which files are noted; of what nothing is said is a file."""
    if is_binary(plain) or not plain.keys() - {"description"}:
        return {**plain, "type": "string", "file": True}
    if "anyOf" in plain:
        return {**plain, "anyOf": [_with_files(each, in_array=in_array) for each in plain["anyOf"]]}
    if plain.get("items") is not None and "prefixItems" not in plain and not in_array:
        return {**plain, "items": _with_files(plain["items"], in_array=True)}
    if holds_file(plain):
        raise Refused("sent as JSON, which has no place for a file: use a file, or an array of files")
    return plain


def _word(media_type: str) -> str:
    """Return a word for a media type, as a part of a name."""
    words = {"application/x-www-form-urlencoded": "data", "multipart/form-data": "files"}
    return words.get(media_type, media_type.partition(";")[0].rpartition("/")[2].rpartition("+")[2])


def _encoding(media: dict[str, Any]) -> dict[str, str]:
    found: dict[str, str] = {}
    for name, each in media.get("encoding", {}).items():
        facts = [f"content_type={each['contentType']!r}"] if "contentType" in each else []
        facts += ["explode=False"] if each.get("explode") is False else []
        found |= {name: ", ".join(facts)} if facts else {}
    return found
