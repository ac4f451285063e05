"""Let openapi-python-client lay out the package and render its templates, with our own reading of the contract.

Its parser drops or mistypes what stands beside an `allOf` reference, path items by `$ref`, discriminators and more, so
reading.py takes the parser's place.
"""

import re
from contextlib import redirect_stdout
from io import StringIO
from pathlib import Path
from types import SimpleNamespace
from typing import Any

from openapi_python_client import Project
from openapi_python_client.config import Config
from openapi_python_client.parser import GeneratorData
from openapi_python_client.parser.openapi import EndpointCollection
from openapi_python_client.schema.untrusted_string import UntrustedString

from generator.naming import ClassNames, async_name
from generator.reading import Reading
from generator.template_context import Facts
from generator.type_annotations import TYPES


def render(document: dict[str, Any], reading: Reading, config: Config, templates: Path) -> dict[str, str]:
    """Write the package to the folder of the configuration, unformatted, and return the pages of the reference."""
    facts, tags = Facts(document, reading), reading.tags()
    project = Project(openapi=_data(facts, tags), config=config, custom_template_path=templates)
    env = project.env
    # The other filter for docstrings breaks long words, and a program has to stay as it is.
    env.filters["program_in_docstring"] = lambda text: text.replace("\\", "\\\\").replace('"""', r"\"\"\"")
    env.filters |= {"literal": repr, "lower_first": lambda text: text[:1].lower() + text[1:]}
    env.globals |= {"facts": facts, "tags": tags, "models": facts.models.all.values()}
    env.globals |= {"environment": project.package_name.removesuffix("_client").upper()}
    names = ClassNames(config)
    for each in facts.models.all:
        names.take(each)
    env.globals |= {"tag_class": {tag: names.take(f"{tag}_operations") for tag in tags}}
    env.globals |= {"async_name": async_name, "overrides": config.content_type_overrides, "type_names": TYPES}
    with redirect_stdout(StringIO()):  # It says which folder it writes to, which is temporary.
        project.build()
    for name in ["operations.py", *(["session_auth.py", "stores.py"] if facts.lifecycle else [])]:
        (project.package_dir / name).write_text(env.get_template(f"{name}.jinja").render(), encoding="utf-8")
    (project.package_dir / "py.typed").touch()

    def page(kind: str, **of: Any) -> str:
        text = env.get_template(f"reference_{kind}.md.jinja").render(**of)
        return re.sub(r"\n{3,}", "\n\n", text).strip() + "\n"  # One blank line, wherever a part is left out.

    pages = {"README.md": page("index")}
    pages |= {facts.tag_page(tag): page("tag", tag=tag, operations=each) for tag, each in tags.items()}
    return pages | {f"{each.name}.md": page("model", model=each) for each in facts.models.all.values()}


def _data(facts: Facts, tags: dict[str, Any]) -> GeneratorData:
    """Return what openapi-python-client's parser would: it looks at the names alone, and the templates at the rest."""
    given: Any = {
        "title": UntrustedString(facts.title),
        "description": None,
        "version": UntrustedString(facts.version),
        "models": [
            SimpleNamespace(class_info=SimpleNamespace(name=each.name, module_name=each.module), read=each)
            for each in facts.models.all.values()
        ],
        "enums": [],
        "errors": [],
        "endpoint_collections_by_tag": {
            tag: EndpointCollection(tag, [SimpleNamespace(name=each.name, tag=tag, read=each) for each in operations])  # type: ignore[misc]  # It wants its parser's own.
            for tag, operations in tags.items()
        },
    }
    return GeneratorData(**given)
