"""Find what a name stands for in the source of a package, without an import."""

from __future__ import annotations

import ast
from pathlib import Path

Function = ast.FunctionDef | ast.AsyncFunctionDef


class Package:
    """The modules below some folders, and what their names stand for."""

    def __init__(self, *folders: Path) -> None:
        self._trees = {
            ".".join(file.relative_to(folder).with_suffix("").parts).removesuffix(".__init__"): file
            for folder in folders
            for file in sorted(folder.rglob("*.py"))
        }
        self._parsed: dict[str, list[ast.stmt]] = {}
        self._packages = {module for module, file in self._trees.items() if file.name == "__init__.py"}

    def modules(self, prefix: str) -> list[str]:
        """Return the names of a package's modules, its own first."""
        return [name for name in sorted(self._trees) if name == prefix or name.startswith(f"{prefix}.")]

    def body(self, module: str) -> list[ast.stmt]:
        """Return a module's statements, with those that only type checkers see."""
        if module not in self._parsed:
            tree = ast.parse(self._trees[module].read_text(encoding="utf-8"))
            self._parsed[module] = [
                each
                for node in tree.body
                for each in (
                    node.body if isinstance(node, ast.If) and "TYPE_CHECKING" in ast.unparse(node.test) else [node]
                )
            ]
        return self._parsed[module]

    def is_public(self, prefix: str, module: str) -> bool:
        """Tell whether a module is a place to import from: the package, what it names, and the operations."""
        if module in {prefix, *(f"{prefix}.{name}" for name in ("errors", "models", "operations", "stores", "types"))}:
            return True
        return module.startswith(f"{prefix}.api.") and module not in self._packages

    def exported(self, module: str) -> list[str]:
        """Return what a module lists in ``__all__``; where it has none, its own functions and classes."""
        for node in self.body(module):
            if isinstance(node, ast.Assign) and isinstance(node.value, ast.List) and assigned(node) == "__all__":
                return [str(each.value) for each in node.value.elts if isinstance(each, ast.Constant)]
            if isinstance(node, ast.ImportFrom) and node.names[0].name == "*":
                return self.exported(self._source(module, node))
        defined = [each.name for each in self.body(module) if isinstance(each, Function | ast.ClassDef)]
        return [name for name in defined if not name.startswith("_")]

    def find(self, module: str, name: str) -> tuple[str, ast.stmt] | None:
        """Return the module in which a name is defined, and its definition; None for what comes from elsewhere."""
        for node in self.body(module):
            if isinstance(node, Function | ast.ClassDef) and node.name == name:
                return module, node
            if isinstance(node, ast.Assign | ast.AnnAssign) and assigned(node) == name:
                return module, node
            if isinstance(node, ast.ImportFrom):
                source = self._source(module, node)
                for each in node.names:
                    if each.name == "*" or (each.asname or each.name) == name:
                        wanted = name if each.name == "*" else each.name
                        found = self.find(source, wanted) if source in self._trees.keys() - {module} else None
                        if found:
                            return found
        return None

    def _source(self, module: str, node: ast.ImportFrom) -> str:
        parts = module.split(".")[: len(module.split(".")) - node.level + (module in self._packages)]
        return ".".join([*(parts if node.level else []), *([node.module] if node.module else [])])


def assigned(node: ast.Assign | ast.AnnAssign) -> str:
    """Return the name that a statement gives a value to."""
    target = node.target if isinstance(node, ast.AnnAssign) else node.targets[0]
    return target.id if isinstance(target, ast.Name) else ""
