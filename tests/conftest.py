"""Every run has its own PostgreSQL and Valkey, started once and shared by all workers, unless DATABASE_URL names a server."""

import gc
import os
import random
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, ExitStack, closing, contextmanager
from pathlib import Path

import pytest

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "marketplace.config.settings.test")
os.environ.setdefault("OMP_NUM_THREADS", "1")
os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")
os.environ.setdefault("NUMBA_CACHE_DIR", str(Path(__file__).parents[1] / "var" / "compiled"))  # as every stack has it

FLUSH = (Path(__file__).parent / "flush.sql").read_text(encoding="utf-8")
SEED = int(os.environ.setdefault("PROOF_SEED", str(random.SystemRandom().randrange(10**9))))
FULL = os.environ.get("PROOF_SIZE") == "full"
_running = ExitStack()


def pytest_configure(config: pytest.Config) -> None:
    if not hasattr(config, "workerinput") and not config.option.collectonly:
        _start_servers(workers=bool(config.getoption("numprocesses", None)))
    import django

    django.setup()
    from django_prometheus.middleware import Metrics

    Metrics.get_instance()  # the threads of a race may send a process's first requests, and would each make these counters


def _start_servers(*, workers: bool) -> None:
    from marketplace.config.devstack.servers import Servers, temporary_folder
    from tests.factories import migrated

    folder = _running.enter_context(temporary_folder("tests"))
    servers = Servers(folder, durable=False)
    _running.callback(servers.stop)
    servers.start()
    os.environ.update(servers.environment("owner", "sequencer"))
    if workers and servers.postgres:
        _running.callback(migrated.begin(servers).wait)


def pytest_unconfigure() -> None:
    _running.close()


def pytest_report_header() -> str:
    return f"seed: {SEED} (repeat with PROOF_SEED={SEED}), size: {'full' if FULL else 'small'}"


@pytest.hookimpl(trylast=True)  # after the order that Django's tests are given
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Files with slow tests come first, each whole: one that begins last would keep the other processor waiting."""
    slow = {item.path for item in items if item.get_closest_marker("slow")}
    items.sort(key=lambda item: (item.path not in slow, str(item.path) if item.path in slow else ""))


@pytest.hookimpl(trylast=True)
def pytest_collection_finish() -> None:
    """Do not look through all that was read in for garbage again and again: it stays, and that was a seventh of the time."""
    gc.collect()
    gc.freeze()
    gc.set_threshold(20_000, 50, 100)


@pytest.fixture(scope="session")
def seed() -> int:
    """The run's seed for every random choice of a proof; printed above, the same in all workers."""
    return SEED


@pytest.fixture(scope="session")
def at_size() -> Callable[[int, int], int]:
    """Choose a proof's size: small in `make test`, full in `make prove`."""
    return lambda small, full: full if FULL else small


@pytest.fixture(scope="session")
def django_db_setup(django_db_blocker: pytest.FixtureRequest, request: pytest.FixtureRequest) -> Iterator[None]:
    """Create the test database as its owner, then let `default` be what it is in life: the app role, which owns nothing."""
    from django.db import connections
    from django.test.utils import setup_databases, teardown_databases

    from tests.factories import migrated

    default, owner = (connections[alias].settings_dict for alias in ("default", "owner"))
    app_login = {name: default[name] for name in ("USER", "PASSWORD", "OPTIONS")}
    owner_login = {name: owner[name] for name in ("USER", "PASSWORD", "OPTIONS")}
    worker = os.environ.get("PYTEST_XDIST_WORKER")
    if worker:
        for alias in connections:
            connections[alias].settings_dict["TEST"].update(NAME=f"test_jinqiao_{worker}", TEMPLATE=migrated.template())
    with django_db_blocker.unblock():
        default.update(owner_login)
        created = setup_databases(verbosity=0, interactive=False, serialized_aliases=[])
        with connections["owner"].cursor() as cursor:
            cursor.execute(migrated.RIGHTS)
            cursor.execute(FLUSH)
            cursor.execute("SELECT testing.remember()")
        connections["owner"].close()
        connections["default"].close()
        default.update(app_login)
    with _flushed_by_the_owner():
        yield
    with django_db_blocker.unblock():
        connections.close_all()
        default.update(owner_login)
        teardown_databases(created, verbosity=0)


@contextmanager
def _flushed_by_the_owner() -> Iterator[None]:
    """Django empties tables with the connection under test, which append-only tables refuse: the owner does it instead.

    Its connection is kept, so that what it has planned need not be planned again after every test.
    """
    from django.db import connections
    from django.test import TransactionTestCase

    owner = connections["owner"].copy()

    def flush(self: TransactionTestCase) -> None:
        for connection in connections.all(initialized_only=True):
            if connection.in_atomic_block or connection.needs_rollback:
                connection.rollback()
            connection.close()
        with owner.cursor() as cursor:
            cursor.execute("SELECT testing.flush()")

    with pytest.MonkeyPatch.context() as patch, closing(owner):
        patch.setattr(TransactionTestCase, "_fixture_teardown", flush)
        yield


@pytest.fixture
def opener(settings: pytest.FixtureRequest, tmp_path: Path) -> Callable[[], AbstractContextManager[None]]:
    """Bids can be sealed, as in the web process; within `opener()` they can be opened, as in the opener's process alone."""
    from django.test.utils import override_settings

    from marketplace.demands.services import sealing

    file = tmp_path / "opener.key"
    settings.OPENER_PUBLIC_KEY = sealing.write_key_file(file)
    settings.OPENER_KEY_FILE = ""
    return lambda: override_settings(OPENER_KEY_FILE=str(file))


@pytest.fixture(autouse=True)
def _in_the_first_language() -> None:
    """A request leaves its reader's language behind in the process: each test begins in that of the settings."""
    from django.utils import translation

    translation.deactivate()


@pytest.fixture(autouse=True)
def _money_is_accounted_for(request: pytest.FixtureRequest) -> Iterator[None]:
    """After every test that moved money the books agree with the transfers, every move with its proof, and the log with itself."""
    if not {"db", "transactional_db"} & set(request.fixturenames) and request.node.get_closest_marker("django_db") is None:
        yield
        return
    request.getfixturevalue("_django_db_helper")  # what is set up before this is undone after it
    yield
    from tests.factories.books import judge

    found = judge.findings()
    if request.node.get_closest_marker("breaks_books") is None:
        assert found == []
    else:
        assert found, "this test no longer breaks the books: take its mark away"
