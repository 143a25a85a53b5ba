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


SETTING = re.compile(
    r"""(?:\benv(?:\.\w+)?|\bdatabase|environ\.get|environ\.setdefault)\(\s*   # who asks the environment
    ["']([A-Z][A-Z0-9_]+)["']                                                 # for what
    (?:,\s*(?:default=)?(?:"([^"]*)"|(\d+)))?                                 # and the default beside it
    """,
    re.VERBOSE,
)
NOT_FOR_PEOPLE = {"PATH", "DJANGO_SETTINGS_MODULE", "PYTEST_XDIST_WORKER", "OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS"}


def settings_read() -> dict[str, set[str]]:
    """Every environment variable that the sources read, with the defaults that stand beside it."""
    found: dict[str, set[str]] = {}
    for path in [*ROOT.glob("platform/marketplace/config/**/*.py"), *ROOT.glob("tests/story/*.py"), ROOT / "tests" / "conftest.py"]:
        for name, text, number in SETTING.findall(path.read_text(encoding="utf-8")):
            found.setdefault(name, set()).update({text, number} - {""})
    return {name: defaults for name, defaults in found.items() if name not in NOT_FOR_PEOPLE}


def test_the_readme_lists_every_environment_variable_with_its_default() -> None:
    rows = [line for line in (ROOT / "README.md").read_text(encoding="utf-8").splitlines() if line.startswith("| `")]
    read = settings_read()
    assert {"SECRET_KEY", "DATABASE_URL", "RATE_PERSON", "WEB_THREADS", "STORY_DATA"} <= set(read)
    for name, defaults in read.items():
        row = next((row for row in rows if f"`{name}`" in row.split("|")[1]), "")
        assert row, f"{name} is not in the README"
        for default in defaults:
            assert default in row, f"{name} has the default {default}, which the README does not say"


def test_the_readme_names_no_environment_variable_that_nothing_reads() -> None:
    table = (ROOT / "README.md").read_text(encoding="utf-8").partition("| variable |")[2]
    named = {
        name for line in table.splitlines() if line.startswith("| `") for name in re.findall(r"`([A-Z][A-Z0-9_]+)`", line.split("|")[1])
    }
    read_by_tests_with_a_browser = {"E2E"}
    assert named - read_by_tests_with_a_browser - set(settings_read()) == set()


def test_every_folder_of_the_map_is_there() -> None:
    table = (ROOT / "README.md").read_text(encoding="utf-8").partition("| where | what |")[2].partition("\n\n")[0]
    folders = re.findall(r"^\| `([^`]+)`", table, re.MULTILINE)
    assert len(folders) > 15
    assert [folder for folder in folders if not (ROOT / folder).is_dir()] == []
    rooms = {path.name for path in (ROOT / "platform" / "marketplace").iterdir() if (path / "__init__.py").exists()}
    assert rooms <= {Path(folder).name for folder in folders}


def test_every_command_that_a_page_names_exists() -> None:
    makefile = (ROOT / "Makefile").read_text(encoding="utf-8")
    commands = {path.stem for path in ROOT.glob("*/**/management/commands/*.py")} | {"migrate", "makemigrations", "check", "collectstatic"}
    for page in PAGES:
        text = page.read_text(encoding="utf-8")
        for target in re.findall(r"`make ([a-z][a-z-]*)\b|^make ([a-z][a-z-]*)  ", text, re.MULTILINE):
            assert re.search(rf"^(?:[a-z-]+ )*{''.join(target)}(?: [a-z-]+)*:", makefile, re.MULTILINE), f"{page.name}: make {target}"
        for command in re.findall(r"manage\.py ([a-z_]+)", text):
            assert command in commands, f"{page.name}: manage.py {command}"


def test_the_index_lists_every_page_and_every_decision_by_its_title() -> None:
    index = (ROOT / "docs" / "README.md").read_text(encoding="utf-8")
    listed = set(LINK.findall(index))
    for page in ROOT.glob("docs/**/*.md"):
        name = str(page.relative_to(ROOT / "docs"))
        if name == "README.md":
            continue
        assert name in listed, name
        if name.startswith("adr/"):
            number, _, title = page.read_text(encoding="utf-8").splitlines()[0].removeprefix("# ").partition(". ")
            assert f"[{number}]({name}) | {title} |" in index, name
