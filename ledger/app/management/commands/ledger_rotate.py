"""Change the key that signs the log."""

from argparse import ArgumentParser
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from ledger.app.services.rotating import retire_former, rotate
from ledger.engine.errors import LedgerFault

ADDED = """新密钥已记入账本，并已联署检查点。请在他处公布新公钥，令 LEDGER_KEY_FILE 指向新文件，再启动排序进程。
The new key stands in the log, and a checkpoint is signed with both. Publish the new vkey elsewhere, let LEDGER_KEY_FILE name the
new file, and start the sequencer:
{vkey}"""
RETIRED = "已停用的密钥 · Retired: {vkeys}"
NONE = "没有更早的有效密钥。No earlier key is entitled to sign."


class Command(BaseCommand):
    """Runs where the sequencer runs, while that is stopped: with its key and its database role."""

    help = "更换账本签名密钥 · Record the next signing key in the log, or retire the keys before the present one."

    def add_arguments(self, parser: ArgumentParser) -> None:
        what = parser.add_mutually_exclusive_group(required=True)
        what.add_argument(
            "file", type=Path, nargs="?", help="the new key, made with ledger_keygen; LEDGER_KEY_FILE still names the present one"
        )
        what.add_argument("--retire-former", action="store_true", help="LEDGER_KEY_FILE is the new key, and those before it end")

    def handle(self, *args: Any, file: Path | None, retire_former: bool, **options: Any) -> None:
        try:
            self.stdout.write(_ended() if file is None else ADDED.format(vkey=rotate(file).verifier.vkey))
        except LedgerFault as fault:
            raise CommandError(str(fault)) from fault


def _ended() -> str:
    vkeys = retire_former()
    return RETIRED.format(vkeys=" ".join(vkeys)) if vkeys else NONE
