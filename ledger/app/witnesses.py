"""Who watches this log, by its settings: the witnesses that are asked, and how many of them make a cosigned checkpoint."""

from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from urllib.parse import urlsplit

from django.conf import settings
from django.core.exceptions import ImproperlyConfigured

from ledger.engine import policy
from ledger.engine.cosignature import Cosigner
from ledger.engine.errors import BadNote, BadPolicy

OURS = "ours"


@dataclass(frozen=True, slots=True)
class Witness:
    """A witness that is asked; `ours` says that we run it ourselves, so that it is not independent of the log."""

    url: str
    cosigner: Cosigner
    ours: bool


def configured() -> list[Witness]:
    """Return the witnesses of LEDGER_WITNESSES, each `URL VKEY` or `URL VKEY ours`; raise ImproperlyConfigured for a malformed one."""
    return [_read(line) for line in settings.LEDGER_WITNESSES]


def policy_text(logs: list[str]) -> bytes:
    """Return the policy of LEDGER_POLICY_FILE, or one that asks for any of our witnesses over a log of these vkeys.

    Raises LedgerFault when the file cannot be read.
    """
    if settings.LEDGER_POLICY_FILE:
        try:
            return Path(settings.LEDGER_POLICY_FILE).read_bytes()
        except OSError as error:
            raise BadPolicy(f"LEDGER_POLICY_FILE cannot be read: {error}") from error
    watching = configured()
    lines = [f"log {vkey}" for vkey in logs]
    lines += [f"witness w{number} {one.cosigner.vkey} {one.url}" for number, one in enumerate(watching, start=1)]
    if watching:
        lines += ["group witnesses any " + " ".join(f"w{number}" for number in range(1, len(watching) + 1)), "quorum witnesses"]
    else:
        lines.append(f"quorum {policy.NONE}")
    return "".join(f"{line}\n" for line in lines).encode()


# Every proof asks for the same few.
@lru_cache(maxsize=32)
def _read(line: str) -> Witness:
    match line.split():
        case [url, vkey, *rest] if rest in ([], [OURS]) and _is_http(url):
            try:
                return Witness(url.rstrip("/"), Cosigner.parse(vkey), rest == [OURS])
            except BadNote as fault:
                raise ImproperlyConfigured(f"LEDGER_WITNESSES: {line!r}: {fault}") from fault
    raise ImproperlyConfigured(f"LEDGER_WITNESSES: {line!r} is not an http address and a vkey, and perhaps the word {OURS}")


def _is_http(url: str) -> bool:
    try:
        address = urlsplit(url)
        # Asking for a port that is no number, or beyond 65535, raises.
        return address.scheme in ("http", "https") and bool(address.hostname) and address.port != 0
    except ValueError:
        return False
