"""What a container asks itself: `python -m marketplace.config.healthcheck web | sequencer`."""

import os
import sys
import urllib.request

LONGEST_LAG_SECONDS = 30


def web() -> bool:
    """Say whether this container's web server answers, under a name that it accepts, within four seconds."""
    host = os.environ.get("ALLOWED_HOSTS", "127.0.0.1").split(",")[0]
    port = os.environ.get("WEB_BIND", ":8000").rpartition(":")[2]
    request = urllib.request.Request(f"http://127.0.0.1:{port}/healthz", headers={"Host": host})
    try:
        with urllib.request.urlopen(request, timeout=4) as answer:  # noqa: S310 - our own address
            return bool(answer.status == 200)
    except OSError:
        return False


def sequencer() -> bool:
    """Say whether no intent has waited for its place in the ledger for longer than thirty seconds."""
    import django  # noqa: PLC0415 - the web's check must not load it

    django.setup()
    from ledger.app.services import lag_seconds  # noqa: PLC0415

    return lag_seconds() <= LONGEST_LAG_SECONDS


if __name__ == "__main__":
    sys.exit(0 if {"web": web, "sequencer": sequencer}[sys.argv[1]]() else 1)
