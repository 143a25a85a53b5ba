"""`python -m ledger.witness keygen | vkey | trust | serve FOLDER`: everything a witness keeps stands in that folder."""

import argparse
import signal
import sys
from collections.abc import Sequence
from pathlib import Path

from ledger.engine.errors import LedgerFault
from ledger.witness.server import WitnessServer, say
from ledger.witness.store import Store


def main(arguments: Sequence[str] | None = None) -> int:
    """Do one of the four things and return the exit code; trouble is said in one line."""
    parser = argparse.ArgumentParser(prog="python -m ledger.witness", description=__doc__)
    commands = parser.add_subparsers(dest="command", required=True)
    folder = argparse.ArgumentParser(add_help=False)
    folder.add_argument("folder", type=Path, metavar="FOLDER")
    keygen = commands.add_parser("keygen", parents=[folder], help="make the witness's key in a new folder, and print its public half")
    keygen.add_argument("--name", required=True, help="the witness's name, such as witness.university.example/1")
    commands.add_parser("vkey", parents=[folder], help="print the public half of the key")
    trust = commands.add_parser("trust", parents=[folder], help="watch a log: add its public key to those in FOLDER/logs")
    trust.add_argument("log", metavar="VKEY")
    serve = commands.add_parser("serve", parents=[folder], help="answer logs until SIGTERM or Ctrl-C")
    serve.add_argument("--bind", default="127.0.0.1:9100", metavar="HOST:PORT")
    given = parser.parse_args(arguments)
    try:
        match given.command:
            case "keygen":
                print(Store.create(given.folder, name=given.name).key().cosigner.vkey)
            case "vkey":
                print(Store(given.folder).key().cosigner.vkey)
            case "trust":
                print(Store(given.folder).trust(given.log).vkey)
            case "serve":
                _serve(Store(given.folder), given.bind)
    except (LedgerFault, OSError) as fault:
        print(fault, file=sys.stderr)
        return 1
    return 0


def _serve(store: Store, bind: str) -> None:
    host, _, port = bind.rpartition(":")
    if not port.isdigit():
        raise LedgerFault(f"{bind} is not HOST:PORT")
    store.logs()  # a malformed line is better found now than at the first request
    with WitnessServer((host, int(port)), store) as server:
        signal.signal(signal.SIGTERM, lambda *_: sys.exit(0))
        say(f"{server.key.name} witnesses at {host}:{server.server_address[1]}")
        try:
            server.serve_forever()
        except KeyboardInterrupt:
            say("stopped")


if __name__ == "__main__":
    sys.exit(main())
