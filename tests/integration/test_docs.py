"""The pages say what the code says."""

import re
from pathlib import Path

import pytest
from django.conf import settings
from django.core.management import CommandError, call_command

from marketplace.common.policy import Policy
from marketplace.workflow import diagrams, registry

ROOT = Path(__file__).resolve().parents[2]
PAGES = sorted([*ROOT.glob("*.md"), *ROOT.glob("docs/**/*.md")])
LINK = re.compile(r"\]\(([^)#\s]+)(?:#[^)]*)?\)")


def test_the_drawn_tables_of_states_are_up_to_date() -> None:
    call_command("workflow_diagrams", "--check")


def test_a_page_that_is_out_of_date_is_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "docs").mkdir()
    page = tmp_path / "docs" / "workflow.md"
    page.write_text(f"before\n{diagrams.BEGIN}\nwhat was drawn last year\n{diagrams.END}\nafter\n", encoding="utf-8")
    monkeypatch.setattr(settings, "ROOT", tmp_path)
    with pytest.raises(CommandError, match="out of date"):
        call_command("workflow_diagrams", "--check")
    assert "last year" in page.read_text(encoding="utf-8")
    call_command("workflow_diagrams")
    text = page.read_text(encoding="utf-8")
    assert text.startswith("before\n")
    assert text.endswith("\nafter\n")
    assert "last year" not in text
    call_command("workflow_diagrams", "--check")


def test_a_page_without_markers_is_refused() -> None:
    with pytest.raises(ValueError, match="lacks the line"):
        diagrams.redrawn("no markers here")


def test_every_machine_is_drawn_with_all_its_states_and_moves() -> None:
    drawn = diagrams.drawn()
    for registered in registry.everyone():
        machine = registered.machine
        chapter = drawn.partition(f": `{machine.name}`\n")[2].partition("\n## ")[0]
        assert [row.split("`")[1] for row in chapter.splitlines() if row.startswith("| `")] == list(machine.states)
        arrows = [line for line in chapter.splitlines() if "-->" in line and "[*]" not in line]
        assert len(arrows) == sum(len(move.source) for move in machine.moves)


def test_the_drawn_durations_are_those_of_production() -> None:
    assert Policy().cooling_off_seconds == 86_400
    assert "1 day (`cooling_off_seconds`)" in diagrams.drawn()


@pytest.mark.parametrize("page", PAGES, ids=lambda page: str(page.relative_to(ROOT)))
def test_every_link_inside_the_project_leads_somewhere(page: Path) -> None:
    links = [link for link in LINK.findall(page.read_text(encoding="utf-8")) if "://" not in link and not link.startswith("mailto:")]
    # Pictures are taken from the running site and may come later than the words.
    lost = [link for link in links if not (page.parent / link).exists() and not link.endswith(".png")]
    assert lost == []
