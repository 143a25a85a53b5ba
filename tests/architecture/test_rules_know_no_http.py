"""Rules, reads and tables never import django.http, which import-linter cannot name; and nothing hangs a rule on a signal."""

import ast
from collections.abc import Iterator
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
FEATURES = ROOT / "platform" / "marketplace"
RULES = {"services", "selectors", "selectors.py", "models", "models.py", "permissions.py", "workflow.py"}
OUTSIDE = ("config", "common", "web")


def rule_files() -> Iterator[Path]:
    for path in sorted(FEATURES.rglob("*.py")):
        feature, *rest = path.relative_to(FEATURES).parts
        if feature not in OUTSIDE and rest and rest[0] in RULES:
            yield path


def imports(tree: ast.AST) -> Iterator[tuple[int, str]]:
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            yield from ((node.lineno, alias.name) for alias in node.names)
        elif isinstance(node, ast.ImportFrom) and node.module:
            yield from ((node.lineno, f"{node.module}.{alias.name}") for alias in node.names)


def forbidden(tree: ast.AST, *prefixes: str) -> list[int]:
    return [line for line, name in imports(tree) if f"{name}.".startswith(tuple(f"{prefix}." for prefix in prefixes))]


def test_rules_know_no_http() -> None:
    found = {path: forbidden(ast.parse(path.read_text(encoding="utf-8")), "django.http", "rest_framework") for path in rule_files()}
    assert {str(path.relative_to(ROOT)): lines for path, lines in found.items() if lines} == {}


def test_no_rule_hangs_on_a_signal() -> None:
    found = {path: forbidden(ast.parse(path.read_text(encoding="utf-8")), "django.db.models.signals") for path in FEATURES.rglob("*.py")}
    assert {str(path.relative_to(ROOT)): lines for path, lines in found.items() if lines} == {}


def test_the_check_sees_each_way_to_import() -> None:
    ways = ("import django.http", "from django import http", "from django.http import Http404", "from rest_framework.views import APIView")
    assert [len(forbidden(ast.parse(way), "django.http", "rest_framework")) for way in ways] == [1, 1, 1, 1]
    assert forbidden(ast.parse("from django.https import x"), "django.http") == []
    assert any(path.name == "models.py" or path.parent.name == "models" for path in rule_files())
