"""Every function of the ledger's engine says which section of which specification it follows, and there is such a section."""

import ast
import re
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.factories.ledger import VECTORS, WITHOUT_VECTORS

ROOT = Path(__file__).resolve().parents[2]
SPECS = VECTORS / "c2sp-specs"
NAMED = re.compile(r'(signed-note|tlog-[a-z]+|docs/ledger\.md), ((?:"[^"]+"(?:, )?)+)')
RFC = re.compile(r"RFC \d{4} sections? \d")


def functions() -> Iterator[tuple[str, str]]:
    """Where each function stands, and its docstring; those that Python calls by itself have none of their own."""
    for file in sorted((ROOT / "ledger" / "engine").glob("*.py")):
        module = ast.parse(file.read_text())
        for holder in (module, *(node for node in module.body if isinstance(node, ast.ClassDef))):
            for node in holder.body:
                if isinstance(node, ast.FunctionDef) and not node.name.startswith("__"):
                    yield f"{file.name}: {node.name}", " ".join((ast.get_docstring(node) or "").split())


def named() -> Iterator[tuple[str, str, str]]:
    """Where, which document, which of its sections."""
    for where, words in functions():
        for document, sections in NAMED.findall(words):
            for section in re.findall(r'"([^"]+)"', sections):
                yield where, document, section


def headings(file: Path) -> set[str]:
    return {line.lstrip("#").replace('"', "").strip() for line in file.read_text().splitlines() if line.startswith("#")}


def test_every_function_names_the_section_it_follows() -> None:
    silent = [where for where, words in functions() if not (NAMED.search(words) or RFC.search(words))]
    assert silent == []


def test_every_section_of_our_own_page_that_is_named_is_there() -> None:
    ours = [(where, section) for where, document, section in named() if document == "docs/ledger.md"]
    assert len(ours) > 10
    assert [(where, section) for where, section in ours if section not in headings(ROOT / "docs" / "ledger.md")] == []


@pytest.mark.skipif(not SPECS.is_dir(), reason=WITHOUT_VECTORS)
def test_every_section_of_a_specification_that_is_named_is_there() -> None:
    theirs = [one for one in named() if one[1] != "docs/ledger.md"]
    assert len(theirs) > 40
    assert [one for one in theirs if one[2] not in headings(SPECS / f"{one[1]}.md")] == []
