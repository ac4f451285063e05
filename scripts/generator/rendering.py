"""Render the package and its reference from our own reading of the contract, in openapi-python-client's environment.

Its parser drops or mistypes what stands beside an `allOf` reference, path items by `$ref`, discriminators and more, so
reading.py takes the parser's place.
"""

import re
from pathlib import Path
from types import SimpleNamespace
from typing import Any

from openapi_python_client import Project
from openapi_python_client.config import Config
from openapi_python_client.schema.untrusted_string import UntrustedString

from generator.naming import ClassNames, async_name
from generator.python_literals import literal
from generator.reading import Reading
from generator.template_context import Facts
from generator.type_annotations import TYPES


def render(document: dict[str, Any], reading: Reading, config: Config, templates: Path) -> dict[str, str]:
    """Return the texts of the package's files, unformatted, and of the reference's pages (``*.md``), by their names."""
    facts, tags, models = Facts(document, reading), reading.tags(), reading.models.all.values()
    # The project looks at no more than these.
    openapi: Any = SimpleNamespace(title=UntrustedString(facts.title), version=None, endpoint_collections_by_tag=None)
    project = Project(openapi=openapi, config=config, custom_template_path=templates)
    env = project.env
    # The other filter for docstrings breaks long words, and a program has to stay as it is.
    env.filters["program_in_docstring"] = lambda text: text.replace("\\", "\\\\").replace('"""', r"\"\"\"")
    env.filters |= {"literal": literal, "lower_first": lambda text: text[:1].lower() + text[1:]}
    names = ClassNames(config)
    for name in facts.models.all:
        names.take(name)
    env.globals |= {"facts": facts, "tags": tags, "models": models, "type_names": TYPES, "async_name": async_name}
    env.globals |= {"tag_class": {tag: names.take(f"{tag}_operations") for tag in tags}}
    env.globals |= {"environment": project.package_name.removesuffix("_client").upper()}
    env.globals |= {"overrides": config.content_type_overrides}

    def text(template: str, **of: Any) -> str:
        return env.get_template(f"{template}.jinja").render(**of)

    def page(kind: str, **of: Any) -> str:
        # One blank line, wherever a part is left out.
        return re.sub(r"\n{3,}", "\n\n", text(f"reference_{kind}.md", **of)).strip() + "\n"

    said = "The operations, in a package for each tag and a module for each operation."
    files = {"__init__.py": text("package_init.py"), "py.typed": "", "models/__init__.py": text("models_init.py")}
    files |= {"api/__init__.py": text("lazy_init.py", said=said, names=tags), "README.md": page("index")}
    for name in ["client", "errors", "operations", "types", *(["session_auth", "stores"] if facts.lifecycle else [])]:
        files[f"{name}.py"] = text(f"{name}.py")
    for each in models:
        files |= {f"models/{each.module}.py": text("model.py", it=each), f"{each.name}.md": page("model", model=each)}
    for tag, operations in tags.items():
        known = [each.name for each in operations]
        files[f"api/{tag}/__init__.py"] = text("lazy_init.py", said=facts.tag_description(tag), names=known)
        files |= {f"api/{tag}/{each.name}.py": text("endpoint_module.py", it=each, tag=tag) for each in operations}
        files[facts.tag_page(tag)] = page("tag", tag=tag, operations=operations)
    return files
