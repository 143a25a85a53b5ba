"""A database of one's own for a measurement, on the server that the environment names, dropped afterwards."""

import os
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from urllib.parse import urlsplit

ROOT = Path(__file__).resolve().parents[1]
ROLES = ("DATABASE_URL", "MIGRATE_DATABASE_URL", "SEQUENCER_DATABASE_URL")


def named() -> bool:
    """Whether the environment names a server with all three roles."""
    return all(os.environ.get(name) for name in ROLES)


def set_up() -> None:
    """Make Django ready with the tests' settings: what is measured is the code, not its password hashing or its broker."""
    import django  # noqa: PLC0415 - the engines' figures need none

    sys.path[:0] = [str(ROOT), str(ROOT / "platform")]
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "marketplace.config.settings.test")
    django.setup()


@contextmanager
def durable_server() -> Iterator[None]:
    """Within, every connection speaks to a server of its own that has each commit on disk (in TMPDIR) before it answers, as in life."""
    from django.db import connections  # noqa: PLC0415 - after set_up()

    from marketplace.config.devstack.postgres import DATABASE, Postgres  # noqa: PLC0415
    from marketplace.config.devstack.servers import temporary_folder  # noqa: PLC0415

    before = {alias: dict(connections[alias].settings_dict) for alias in connections}
    roles = {"default": "app", "owner": "owner", "sequencer": "sequencer"}
    with temporary_folder("durable") as folder:
        server = Postgres(folder, durable=True)
        server.start()
        try:
            for alias, role in roles.items():
                login = urlsplit(server.url(role))
                found = {"HOST": login.hostname, "PORT": login.port, "USER": login.username, "PASSWORD": login.password, "NAME": DATABASE}
                connections[alias].close()
                connections[alias].settings_dict.update(found)
            yield
        finally:
            for alias, words in before.items():
                connections[alias].close()
                connections[alias].settings_dict.update(words)
            server.stop()


@contextmanager
def own_database() -> Iterator[None]:
    """Within, every connection speaks to a new database with all tables; `default` is the app role, as in life."""
    from django.db import connections  # noqa: PLC0415 - after set_up()
    from django.test.utils import setup_databases, teardown_databases  # noqa: PLC0415 - after set_up()

    app, owner = connections["default"].settings_dict, connections["owner"].settings_dict
    login = {name: app[name] for name in ("USER", "PASSWORD")}
    as_owner = {name: owner[name] for name in login}
    names = {alias: connections[alias].settings_dict["NAME"] for alias in connections}
    app.update(as_owner)
    created = setup_databases(verbosity=0, interactive=False, serialized_aliases=[])
    connections["default"].close()
    app.update(login)
    try:
        yield
    finally:
        connections.close_all()
        app.update(as_owner)
        teardown_databases(created, verbosity=0)
        # As before, so that another database can be made in the same run.
        app.update(login)
        for alias, name in names.items():
            connections[alias].settings_dict["NAME"] = name
