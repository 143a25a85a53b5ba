"""`make wheel`: the wheel holds our three packages and all their data, and works in a clean environment."""

import subprocess
import sys
import tempfile
import venv
import zipfile
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
ASK = "import platform, marketplace, ledger.engine, matching.engine; print(platform.python_version(), marketplace.__file__)"


def committed_sources() -> set[str]:
    command = ["git", "ls-files", "platform/marketplace", "ledger", "matching"]
    names = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=True)
    return {name.removeprefix("platform/") for name in names.stdout.splitlines() if (ROOT / name).exists()}


def main() -> None:
    with tempfile.TemporaryDirectory() as folder:
        built = Path(folder) / "dist"
        subprocess.run([sys.executable, "-m", "pip", "wheel", "--quiet", "--no-deps", "-w", str(built), str(ROOT)], check=True)
        (wheel,) = built.glob("*.whl")
        with zipfile.ZipFile(wheel) as archive:
            missing = committed_sources() - set(archive.namelist())
        if missing:
            sys.exit(f"The wheel lacks {sorted(missing)[:10]}")
        venv.create(Path(folder) / "clean", with_pip=True)
        python = Path(folder) / "clean" / "bin" / "python"
        requirements = [str(ROOT / "requirements" / "runtime.txt")]
        subprocess.run([python, "-m", "pip", "install", "--quiet", "--require-hashes", "-r", *requirements], check=True)
        subprocess.run([python, "-m", "pip", "install", "--quiet", "--no-deps", str(wheel)], check=True)
        said = subprocess.run([python, "-I", "-c", ASK], cwd=folder, capture_output=True, text=True, check=True).stdout
    print(f"{wheel.name}: all committed sources are in it, and it imports in a clean environment ({said.split()[0]}).")


if __name__ == "__main__":
    main()
