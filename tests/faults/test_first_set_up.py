"""The first `make` on a Debian without python3-venv: it says what to install, and goes on once that is there."""

import os
import subprocess
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
# What Debian's python3 does: without ensurepip a venv is left half made, with an interpreter and without pip.
PYTHON = """#!/bin/sh
case "$*" in
-c*) exit 0 ;;
*--clear*) rm -rf "{venv}" ;;
esac
test -e "{venv}/bin/python" && exit 0
mkdir -p "{venv}/bin"
if test -e "{package}"; then pip=0; else pip=1; fi
printf '#!/bin/sh\\nexit %s\\n' $pip > "{venv}/bin/python"
chmod +x "{venv}/bin/python"
test $pip = 0 || echo "ensurepip is not available"
exit $pip
"""


@pytest.fixture
def package(tmp_path: Path) -> Path:
    """The file that stands for the installed package python3-venv."""
    return tmp_path / "python3-venv"


def set_up(folder: Path, package: Path) -> subprocess.CompletedProcess[str]:
    python, venv = folder / "python3", folder / "venv"
    python.write_text(PYTHON.format(venv=venv, package=package), encoding="utf-8")
    python.chmod(0o755)
    command = ["make", "-s", "-C", str(ROOT), f"VENV={venv}", f"PYTHON={python}", f"{venv}/.uv"]
    alone = {name: value for name, value in os.environ.items() if not name.startswith(("MAKE", "MFLAGS"))}  # not a part of `make test`
    return subprocess.run(command, env=alone, capture_output=True, text=True, check=False)


def test_a_python_without_venv_is_said_with_its_remedy_and_the_next_set_up_works(tmp_path: Path, package: Path) -> None:
    for _ in range(2):
        refused = set_up(tmp_path, package)
        assert refused.returncode == 2
        assert "ensurepip is not available" in refused.stdout
        assert "请先运行 apt install python3-venv，然后重试。" in refused.stdout
        assert "On Debian and Ubuntu: apt install python3-venv, then try again." in refused.stdout
    package.touch()
    done = set_up(tmp_path, package)
    assert (done.returncode, done.stderr) == (0, "")
    assert (tmp_path / "venv" / ".uv").exists()


def test_an_environment_with_pip_is_kept(tmp_path: Path, package: Path) -> None:
    package.touch()
    assert set_up(tmp_path, package).returncode == 0
    (tmp_path / "venv" / ".uv").unlink()
    (tmp_path / "venv" / "mine").touch()
    assert set_up(tmp_path, package).returncode == 0
    assert (tmp_path / "venv" / "mine").exists()
