"""`python -m marketplace.config.devstack demo | reset | story COMMAND | servers COMMAND`."""

import argparse
import errno
import json
import os
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path
from tempfile import gettempdir

from marketplace.config.devstack import children, demo, ports
from marketplace.config.devstack.postgres import no_room
from marketplace.config.devstack.servers import Servers, temporary_folder
from marketplace.config.devstack.stack import MANAGE, ROOT, Stack
from marketplace.config.devstack.trouble import DevstackError

INTERRUPTED = 130
# A story is one machine playing twenty people in two minutes: waits are short and rates wide. Tests prove the real ones.
STORY = {
    "POLICY": json.dumps(dict.fromkeys(("cooling_off_seconds", "publicity_seconds", "account_freeze_seconds", "bank_return_seconds"), 3)),
    **dict.fromkeys(("RATE_LOGIN", "RATE_LOGIN_FAILED", "RATE_SIGNUP", "RATE_RESET", "RATE_CONFIRM"), "1000/m/ip"),
    **dict.fromkeys(("RATE_ANONYMOUS", "RATE_PERSON"), "100000/min"),
}


def main(arguments: Sequence[str] | None = None) -> int:
    """Do one of the four things; return the exit code. Trouble is said in both languages with its remedy, without a traceback."""
    parser = argparse.ArgumentParser(prog="python -m marketplace.config.devstack", description=__doc__)
    kinds = parser.add_subparsers(dest="kind", required=True)
    show = kinds.add_parser("demo", help="run the demonstration in var/demo until Ctrl-C")
    show.add_argument("--port", type=int, default=int(os.environ.get("PORT", "8000")))
    kinds.add_parser("reset", help="throw the demonstration's data away")
    for kind, words in (
        ("story", "run a command beside a whole stack of its own, in a temporary folder; its address is in SITE_URL"),
        ("servers", "run a command beside PostgreSQL with all tables, and Valkey, in a temporary folder"),
    ):
        kinds.add_parser(kind, help=words).add_argument("command", nargs=argparse.REMAINDER)
    asked = parser.parse_args(arguments)
    try:
        match asked.kind:
            case "demo":
                demo.show(port=asked.port)
            case "reset":
                demo.reset()
            case "story":
                return beside_a_stack(asked.command)
            case "servers":
                return beside_servers(asked.command)
    except DevstackError as trouble:
        return told(trouble)
    except OSError as trouble:
        if trouble.errno != errno.ENOSPC:
            raise
        return told(no_room(Path(trouble.filename or (demo.FOLDER if asked.kind in {"demo", "reset"} else gettempdir()))))
    return 0


def told(trouble: DevstackError) -> int:
    """Say what is wrong and what to do; return the exit code."""
    print(f"\n{trouble}", file=sys.stderr)
    return 1


def beside_a_stack(command: Sequence[str]) -> int:
    """Run a command while a whole new stack runs; return its exit code. On failure the logs' last lines are shown."""

    def say(line: str) -> None:
        print(line, file=sys.stderr, flush=True)

    code = INTERRUPTED
    with demo.asked_to_stop(), temporary_folder("story") as folder:
        stack = Stack(folder, port=ports.free(), say=say, durable=False, extra=STORY)
        try:
            stack.start()
            code = subprocess.run(list(command), env=story_environment(stack), cwd=ROOT, check=False).returncode
            if code:
                for log in sorted((folder / "logs").glob("*.log")):
                    print(f"--- {log.name}\n{children.tail(log, lines=25)}", file=sys.stderr)
        finally:
            stack.stop()
    return code


def story_environment(stack: Stack) -> dict[str, str]:
    """Return what a story may know: the site's address and folder, the app's role, and the story's own options."""
    passed = {name: value for name, value in os.environ.items() if name.startswith(("STORY_", "E2E"))}
    return stack.environment() | passed


def beside_servers(command: Sequence[str]) -> int:
    """Run a command while a PostgreSQL with all tables and a Valkey run; return its exit code."""
    code = INTERRUPTED
    with demo.asked_to_stop(), temporary_folder("servers") as folder:
        servers = Servers(folder, durable=False)
        try:
            servers.start()
            env = {**os.environ, **children.ONE_THREAD, **servers.environment("owner", "sequencer")}
            migrated = subprocess.run([*MANAGE, "migrate", "--database", "owner", "--verbosity", "0"], env=env, cwd=ROOT, check=False)
            if migrated.returncode:
                raise DevstackError("建表失败，原因见上。", "Making the tables failed; the reason stands above.")
            code = subprocess.run(list(command), env=env, cwd=ROOT, check=False).returncode
        finally:
            servers.stop()
    return code


if __name__ == "__main__":
    sys.exit(main())
