"""Where things stand: the rules of the tree that no tool knows."""

import importlib
import platform
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
SOURCES = ("platform", "ledger", "matching")
TOP = {
    "manage.py", "pyproject.toml", "README.md", "platform", "matching", "ledger", "docker-compose.yml", "tests",
    "Makefile", ".ci", ".gitignore", "LICENSE", "CHANGELOG.md", "docs", "requirements", "bench", "locale",
}  # fmt: skip
LONGEST = 300


def committed() -> list[str]:
    listing = subprocess.run(["git", "ls-files", "-z"], cwd=ROOT, capture_output=True, text=True, check=True).stdout
    return [name for name in listing.split("\0") if name and (ROOT / name).exists()]


def python_files(*folders: str) -> Iterator[Path]:
    for folder in folders:
        yield from sorted(path for path in (ROOT / folder).rglob("*.py") if "__pycache__" not in path.parts)


def too_long(paths: Iterator[Path]) -> dict[str, int]:
    counted = {path: len(path.read_text(encoding="utf-8").splitlines()) for path in paths if "migrations" not in path.parts}
    # A stranger is to carry the verifier away as one file.
    counted.pop(ROOT / "ledger" / "verify.py", None)
    return {str(path): lines for path, lines in counted.items() if lines > LONGEST}


def test_the_top_level_holds_only_what_is_agreed() -> None:
    assert {name.split("/")[0] for name in committed()} - TOP == set()


def test_platform_is_a_source_folder_and_never_a_package() -> None:
    assert [path.name for path in (ROOT / "platform").iterdir() if path.is_file()] == []
    assert platform.__file__ is not None
    assert Path(platform.__file__).is_relative_to(Path(sys.base_prefix))


def test_manage_refuses_a_platform_package_in_one_plain_sentence(tmp_path: Path) -> None:
    (tmp_path / "platform").mkdir()
    (tmp_path / "platform" / "__init__.py").touch()
    (tmp_path / "manage.py").write_text((ROOT / "manage.py").read_text(encoding="utf-8"), encoding="utf-8")
    # -I keeps the folder off the path until the guard has spoken.
    done = subprocess.run([sys.executable, "-I", str(tmp_path / "manage.py"), "check"], capture_output=True, text=True, check=False)
    assert done.returncode == 1
    assert "would hide Python's own `platform` module" in done.stderr
    assert "Traceback" not in done.stderr


def test_no_test_stands_under_the_sources() -> None:
    assert [str(path) for path in python_files(*SOURCES) if path.name.startswith(("test_", "conftest")) or "tests" in path.parts] == []


def test_no_folder_of_tests_is_a_package() -> None:
    assert [str(path) for path in (ROOT / "tests").rglob("__init__.py")] == []


def test_test_files_have_names_of_their_own() -> None:
    names = [path.name for path in (ROOT / "tests").rglob("test_*.py")]
    assert sorted({name for name in names if names.count(name) > 1}) == []


def test_no_file_is_longer_than_three_hundred_lines() -> None:
    assert too_long(python_files(*SOURCES, "tests", "bench")) == {}


def test_the_length_guard_sees_a_long_file(tmp_path: Path) -> None:
    (tmp_path / "long.py").write_text("x = 1\n" * 301, encoding="utf-8")
    assert too_long(iter([tmp_path / "long.py"])) == {str(tmp_path / "long.py"): 301}


@pytest.mark.parametrize("name", ["marketplace", "ledger", "matching"])
def test_each_package_is_found_in_its_own_folder(name: str) -> None:
    module = importlib.import_module(name)
    assert module.__file__ is not None
    expected = ROOT / ("platform/marketplace" if name == "marketplace" else name)
    assert Path(module.__file__).parent == expected


def test_the_verifier_imports_nothing_of_ours() -> None:
    text = (ROOT / "ledger" / "verify.py").read_text(encoding="utf-8")
    ours = ("from ledger", "import ledger", "from marketplace", "import marketplace", "from matching", "import matching")
    assert [line for line in text.splitlines() if line.strip().startswith(ours)] == []


def test_lock_files_hold_hashes_and_no_address() -> None:
    for name in ("uv", "runtime", "dev"):
        text = (ROOT / "requirements" / f"{name}.txt").read_text(encoding="utf-8")
        assert "--hash=sha256:" in text
        assert [line for line in text.splitlines() if "://" in line or line.startswith(("-i", "--index", "--extra", "--find"))] == []
