"""The house read as text: its modules, who imports whom, its functions and its templates. No Django needed."""

import ast
from collections.abc import Iterator
from functools import cache
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
PACKAGES = ("cooperatives", "htx_portal", "support_cases")


@cache
def modules() -> dict[str, Path]:
    """Return the files of our packages by dotted name, migrations left out."""
    found = {}
    for package in PACKAGES:
        for path in sorted((ROOT / package).rglob("*.py")):
            if "migrations" not in path.parts:
                name = ".".join(path.relative_to(ROOT).with_suffix("").parts)
                found[name.removesuffix(".__init__")] = path
    return found


@cache
def tree(name: str) -> ast.Module:
    """Return the parsed source of one module."""
    return ast.parse(modules()[name].read_text(encoding="utf-8"))


def imports(name: str) -> set[str]:
    """Return the modules of ours that a module imports, a name taken out of a package counted as the package."""
    found = set()
    for node in ast.walk(tree(name)):
        if isinstance(node, ast.Import):
            found |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom):
            inner = {f"{node.module}.{alias.name}" for alias in node.names}
            found |= inner & modules().keys() or {node.module or ""}
    return (found & modules().keys()) - {name}


def foreign_imports(name: str) -> set[str]:
    """Return every dotted name a module imports, also those of libraries."""
    found = set()
    for node in ast.walk(tree(name)):
        if isinstance(node, ast.Import):
            found |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom):
            found |= {f"{node.module}.{alias.name}" for alias in node.names} | {node.module or ""}
    return found


def functions(name: str) -> Iterator[tuple[str, ast.FunctionDef | ast.AsyncFunctionDef]]:
    """Yield the functions and methods of a module with their qualified names, inner functions too."""

    def walk(node: ast.AST, above: str) -> Iterator[tuple[str, ast.FunctionDef | ast.AsyncFunctionDef]]:
        for child in ast.iter_child_nodes(node):
            if isinstance(child, ast.FunctionDef | ast.AsyncFunctionDef):
                yield f"{above}.{child.name}", child
            if isinstance(child, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef):
                yield from walk(child, f"{above}.{child.name}")
            else:
                yield from walk(child, above)

    yield from walk(tree(name), name)


def length(function: ast.FunctionDef | ast.AsyncFunctionDef) -> int:
    """Return how many lines a function has, its docstring left out."""
    lines = (function.end_lineno or function.lineno) - function.lineno + 1
    first = function.body[0]
    if ast.get_docstring(function, clean=False) is not None:
        lines -= (first.end_lineno or first.lineno) - first.lineno + 1
    return lines


def public_things(name: str) -> Iterator[tuple[str, ast.AST]]:
    """Yield the module, its public classes and what they and the module offer as functions and methods."""

    def walk(node: ast.AST, above: str) -> Iterator[tuple[str, ast.AST]]:
        for child in ast.iter_child_nodes(node):
            if not isinstance(child, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef):
                continue
            if not child.name.startswith("_") and child.name != "Meta":
                yield f"{above}.{child.name}", child
                if isinstance(child, ast.ClassDef):
                    yield from walk(child, f"{above}.{child.name}")

    if tree(name).body:
        yield name, tree(name)
    yield from walk(tree(name), name)


def strings(name: str) -> set[str]:
    """Return the string constants of a module."""
    return {
        node.value for node in ast.walk(tree(name)) if isinstance(node, ast.Constant) and isinstance(node.value, str)
    }


@cache
def templates() -> dict[str, Path]:
    """Return our templates by the name they are loaded under."""
    found = {}
    for package in PACKAGES:
        for folder in sorted((ROOT / package).rglob("templates")):
            for path in sorted(folder.rglob("*")):
                if path.is_file():
                    found[path.relative_to(folder).as_posix()] = path
    return found
