"""The stranger's verifier needs nothing of this project."""

import ast
import shutil
import subprocess
import sys
from pathlib import Path

from ledger import verify
from ledger.engine import merkle, tiles
from ledger.engine.notes import Signer
from tests.factories.ledger import ORIGIN, chain, checkpoint, write_log

SIGNER = Signer(ORIGIN, bytes(range(32)))
KEY = SIGNER.verifier.vkey


def test_the_verifier_runs_alone_outside_the_checkout(tmp_path):
    alone = tmp_path / "elsewhere" / "verify.py"
    alone.parent.mkdir()
    shutil.copy(verify.__file__, alone)
    entries = chain(3)
    folder = write_log(tmp_path / "log", entries, checkpoint(entries, SIGNER))
    done = subprocess.run(
        [sys.executable, "-I", alone, "log", folder, "--key", KEY],
        cwd=alone.parent,
        capture_output=True,
        text=True,
        check=False,
        timeout=60,
    )
    assert (done.returncode, done.stderr) == (0, "")
    assert "3 entries" in done.stdout
    (folder / tiles.tile_path(0, 0, 3)).write_bytes(merkle.EMPTY_ROOT * 3)
    done = subprocess.run(
        [sys.executable, "-I", alone, "log", folder, "--key", KEY],
        cwd=alone.parent,
        capture_output=True,
        text=True,
        check=False,
        timeout=60,
    )
    assert done.returncode == 1


def test_the_verifier_imports_the_standard_library_and_cryptography_only_and_is_at_most_600_lines_long():
    source = Path(verify.__file__).read_text()
    names = set()
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, ast.Import):
            names |= {alias.name.split(".")[0] for alias in node.names}
        elif isinstance(node, ast.ImportFrom):
            names.add((node.module or "").split(".")[0])
    assert names - set(sys.stdlib_module_names) == {"cryptography"}
    assert len(source.splitlines()) <= 600
