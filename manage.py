#!/usr/bin/env python3
"""Run Jinqiao's management commands."""

import os
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parent
SOURCE_ROOT = ROOT / "platform"


def refuse_a_shadowed_standard_module() -> None:
    """Stop with a plain sentence when `platform/` has become a package that hides Python's own `platform` module."""
    intruders = sorted(path.name for path in SOURCE_ROOT.glob("*.py"))
    if intruders:
        sys.exit(
            f"platform/ is only a source folder, but it holds {', '.join(intruders)}: as a package it would hide Python's own "
            "`platform` module. Delete these files or move them into platform/marketplace.\n"
            f"platform/ 只是源码目录，其中却有 {', '.join(intruders)}，会遮蔽 Python 自带的 platform 模块。"
            "请删除或移入 platform/marketplace。"
        )


def main() -> None:
    """Put the source root on the path, choose the development settings unless told otherwise, and run the command."""
    refuse_a_shadowed_standard_module()
    sys.path.insert(0, str(SOURCE_ROOT))
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "marketplace.config.settings.dev")
    from django.core.management import execute_from_command_line

    execute_from_command_line(sys.argv)


if __name__ == "__main__":
    main()
