"""Every setting that the code reads stands in docs/operations.md, and nothing else does."""

import ast
import re
from collections.abc import Iterator
from pathlib import Path

from django.conf import settings

ROOT = Path(settings.BASE_DIR)
NAME = re.compile(r"KREIS_[A-Z_]+|[A-Z]+_URL")
ROW = re.compile(r"^\| `([A-Z_]+)` \| .+ \| (.+) \|$", re.MULTILINE)
#: Read by the Makefile and requirements/install.py, which know no Django.
OUTSIDE = {"KREIS_NO_UV", "UPGRADE"}


def table() -> dict[str, str]:
    """Shape: name → default."""
    words = (ROOT / "docs" / "operations.md").read_text().partition("## Every setting")[2]
    return dict(ROW.findall(words))


def trees() -> Iterator[ast.AST]:
    for folder in ("config", "operations"):
        for file in (ROOT / folder).rglob("*.py"):
            yield from ast.walk(ast.parse(file.read_text()))


def constant(node: ast.AST | None) -> str:
    return str(node.value) if isinstance(node, ast.Constant) and isinstance(node.value, str | int) else ""


def read_names() -> Iterator[str]:
    for node in trees():
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute) and node.args:
            source = ast.unparse(node.func.value)
            if source == "env" or (source.endswith("environ") and node.func.attr in {"get", "setdefault", "pop"}):
                yield constant(node.args[0])
        elif isinstance(node, ast.Subscript) and ast.unparse(node.value).endswith("environ"):
            yield constant(node.slice)
        elif isinstance(node, ast.Compare) and ast.unparse(node.comparators[0]).endswith("environ"):
            yield constant(node.left)
        elif NAME.fullmatch(constant(node)):
            yield constant(node)


def test_the_table_names_every_setting_and_no_other() -> None:
    read = set(read_names()) - {"DJANGO_SETTINGS_MODULE", "PATH", "SERVERS"} - {""}
    assert set(table()) == read | OUTSIDE


def test_plain_defaults_are_the_ones_of_the_code() -> None:
    """Those that are a word or a number in the code; the others are described."""
    defaults = table()
    seen = 0
    for node in trees():
        if isinstance(node, ast.Call) and ast.unparse(node.func).startswith("env.") and node.args:
            name, given = constant(node.args[0]), node.args[1] if len(node.args) > 1 else None
            kind = ast.unparse(node.func).removeprefix("env.")
            if kind == "flag":
                is_on = any(constant(word.value) == "True" for word in node.keywords if word.arg == "default")
                assert defaults[name] == f"`{int(is_on)}`", name
            elif kind in {"text", "number"} and constant(given):
                assert defaults[name].startswith(f"`{constant(given)}`"), name
            else:
                continue
            seen += 1
    assert seen >= 20
