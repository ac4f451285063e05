"""Lay out the package and the reference, and render their templates."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

from jinja2 import Environment, FileSystemLoader
from openapi_python_client import TEMPLATE_FILTERS
from openapi_python_client.config import Config

from generator.python_literals import literal
from generator.reading import Reading
from generator.reference import Reference
from generator.template_context import Facts

Files = dict[str, str]  # The text of each file by its name.


def rendered(document: dict[str, Any], reading: Reading, config: Config, templates: Path) -> tuple[Files, Files]:
    """Return the modules of the package, and the pages of the reference."""
    env = Environment(  # noqa: S701 - it writes no HTML
        loader=FileSystemLoader(templates), trim_blocks=True, lstrip_blocks=True, keep_trailing_newline=True
    )
    facts, tags = Facts(document, reading), reading.tags()
    reference = Reference(document, facts)
    env.filters |= TEMPLATE_FILTERS | {"literal": literal, "lower_first": lambda text: text[:1].lower() + text[1:]}
    env.globals |= {"facts": facts, "reference": reference, "tags": tags, "models": facts.models.all.values()}
    env.globals |= {"package_name": config.package_name_override, "project_name": config.project_name_override}
    env.globals |= {"environment": str(config.package_name_override).removesuffix("_client").upper()}
    env.globals |= {"overrides": config.content_type_overrides}
    files = {"py.typed": ""}

    def add(name: str, template: str, **of: Any) -> None:
        files[name] = env.get_template(f"{template}.jinja").render(**of)

    for module in ["client.py", "errors.py", "operations.py", "types.py"]:
        add(module, module)
    for module in ["session_auth.py", "stores.py"] if facts.lifecycle else []:
        add(module, module)
    add("__init__.py", "package_init.py")
    said = "The operations, in a package for each tag and a module for each operation."
    add("api/__init__.py", "lazy_init.py", said=said, names=list(tags))
    add("models/__init__.py", "models_init.py")
    for model in facts.models.all.values():
        add(f"models/{model.module}.py", "model.py", it=model)
    for tag, operations in tags.items():
        names = [each.name for each in operations]
        add(f"api/{tag}/__init__.py", "lazy_init.py", said=facts.tag_description(tag), names=names)
        for operation in operations:
            add(f"api/{tag}/{operation.name}.py", "endpoint_module.py", it=operation, tag=tag)

    def page(kind: str, **of: Any) -> str:
        text = env.get_template(f"reference_{kind}.md.jinja").render(**of)
        return re.sub(r"\n{3,}", "\n\n", text).strip() + "\n"  # One blank line, wherever a part is left out.

    pages = {"README.md": page("index")}
    pages |= {reference.tag_page(tag): page("tag", tag=tag, operations=each) for tag, each in tags.items()}
    return files, pages | {f"{each.name}.md": page("model", model=each) for each in facts.models.all.values()}
