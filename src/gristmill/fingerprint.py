"""Which code a step can reach, and what it says: the part of a stage's dependencies that is not data or settings."""

import ast
import hashlib
import io
import tokenize
from collections.abc import Container, Iterable
from functools import cache
from pathlib import Path

from grimp import ImportGraph, build_graph

PACKAGE = Path(__file__).parent


def fingerprint(modules: Iterable[str], files: Iterable[str] = ()) -> dict[str, str]:
    """What decides a result apart from settings and data.

    Args:
        modules: where a step begins, and what it imports by name.
        files: of the package that are read beside modules, relative to it.

    Returns:
        module or file -> SHA-256: of what the module says, for each module that can be reached; of the bytes of a
        file.
    """
    code = {name: said(name) for name in reached(tuple(modules))}
    return code | {name: hashlib.sha256((PACKAGE / name).read_bytes()).hexdigest() for name in files}


@cache
def graph() -> ImportGraph:
    """All imports in the package, those inside functions too, those for type checkers alone not."""
    return build_graph(PACKAGE.name, exclude_type_checking_imports=True, cache_dir=None)


def reached(modules: tuple[str, ...]) -> list[str]:
    """The modules and all that they import, directly or not; packages' empty `__init__.py` are left out."""
    found = set(modules)
    for name in modules:
        found |= graph().find_upstream_modules(name)
    return sorted(name for name in found if source(name).name != "__init__.py")


def source(module: str) -> Path:
    """The file of a module of the package."""
    path = PACKAGE.joinpath(*module.split(".")[1:])
    return path / "__init__.py" if path.is_dir() else path.with_suffix(".py")


@cache
def said(module: str) -> str:
    """SHA-256 of a module's text without comments, docstrings and blank lines."""
    return hashlib.sha256(strip(source(module).read_text("utf-8")).encode()).hexdigest()


def strip(text: str) -> str:
    """Python source without comments, docstrings and blank lines, otherwise as it is written.

    The text is cut, not printed again from its tree: so the result does not depend on the version of Python.
    """
    nodes = list(ast.walk(ast.parse(text)))
    documents = documentation(nodes)
    lines = text.splitlines()
    cuts = dict.fromkeys(comments(text), "")
    cuts |= {span(node, lines): "..." if alone else "" for node, alone in documents.items()}
    for ((first, start), (last, end)), instead in sorted(cuts.items(), reverse=True):
        lines[first - 1 : last] = [lines[first - 1][:start] + instead + lines[last - 1][end:], *[""] * (last - first)]
    kept = inside_strings(nodes, documents)
    return "\n".join(
        line if number in kept else line.rstrip()
        for number, line in enumerate(lines, 1)
        if number in kept or line.strip()
    )


Span = tuple[tuple[int, int], tuple[int, int]]  # (line from 1, column) of the first character and after the last


def comments(text: str) -> list[Span]:
    """Where comments stand."""
    tokens = tokenize.generate_tokens(io.StringIO(text).readline)
    return [(token.start, token.end) for token in tokens if token.type == tokenize.COMMENT]


def documentation(nodes: list[ast.AST]) -> dict[ast.Constant, bool]:
    """The docstrings of the module, its classes and its functions, and whether they stand there alone."""
    found = {}
    for node in nodes:
        if isinstance(node, ast.Module | ast.ClassDef | ast.FunctionDef | ast.AsyncFunctionDef):
            first = node.body[0] if node.body else None
            text = first.value if isinstance(first, ast.Expr) else None
            if isinstance(text, ast.Constant) and isinstance(text.value, str):
                found[text] = len(node.body) == 1
    return found


def span(node: ast.Constant, lines: list[str]) -> Span:
    """Where a constant stands; `ast` counts columns in bytes."""
    first, last = node.lineno, node.end_lineno or node.lineno
    start = len(lines[first - 1].encode()[: node.col_offset].decode())
    end = len(lines[last - 1].encode()[: node.end_col_offset].decode())
    return (first, start), (last, end)


def inside_strings(nodes: list[ast.AST], documents: Container[ast.AST]) -> set[int]:
    """Lines that end within a string which is no docstring: blank lines and ends of lines are values there."""
    kept: set[int] = set()
    for node in nodes:
        if isinstance(node, ast.Constant | ast.JoinedStr) and node not in documents:
            kept |= set(range(node.lineno, node.end_lineno or node.lineno))
    return kept
