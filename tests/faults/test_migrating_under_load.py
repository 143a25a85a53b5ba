"""A migration beside visitors who pledge: it waits for no table longer than they do, gives way, comes again, and no pledge fails.

`make prove` does it among a million pledges and with the real patience of both; `make test` among a thousand and in a hurry.
"""

import sys
import threading
import time
from collections.abc import Callable, Iterator
from functools import partial
from io import StringIO
from pathlib import Path
from typing import Any

import pytest
from django.core.management import call_command
from django.db import OperationalError, connection, transaction

from marketplace.common import clock
from marketplace.common.management.commands import migrate
from marketplace.funding import migrations as former
from marketplace.funding.models import Campaign, Pledge
from tests.factories import funding
from tests.factories.guards import as_owner, guards_down
from tests.factories.racing import WAITING, race

pytestmark = [pytest.mark.django_db(transaction=True, databases=["default", "owner"]), pytest.mark.prove]
Size = Callable[[int, int], int]
LATEST = max(path.stem for path in Path(former.__file__).parent.glob("0*.py"))
FEN = 10_000
GROWN = f'''
from django.db import migrations, models

class Migration(migrations.Migration):
    dependencies = [("funding", "{LATEST}")]
    operations = [migrations.AddField("pledge", "remark", models.CharField(max_length=80, default="", db_default=""))]
'''
EXPIRED = """
INSERT INTO funding_pledge ({names}) SELECT {values} FROM funding_pledge, generate_series(1, %s) WHERE id = %s
"""


@pytest.fixture
def one_more(tmp_path: Path, settings: Any, monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """The room of funding has one migration more, which adds a column to its pledges."""
    grown = tmp_path / "grown_funding"
    grown.mkdir()
    (grown / "__init__.py").write_text(f"__path__ = [*{list(former.__path__)!r}, *__path__]\n", encoding="utf-8")
    (grown / "9999_remark.py").write_text(GROWN, encoding="utf-8")
    monkeypatch.syspath_prepend(tmp_path)
    settings.MIGRATION_MODULES = {"funding": grown.name}
    yield
    call_command("migrate", "funding", LATEST, database="owner", verbosity=0, skip_checks=True)
    for name in [name for name in sys.modules if name.partition(".")[0] == grown.name]:
        del sys.modules[name]


def filled(campaign: Campaign, number: int) -> None:
    """So many pledges of old, which nobody has confirmed in time."""
    now = clock.now()
    old = Pledge(campaign=campaign, organisation=campaign.organisation, fen=1, state="expired", created_at=now, updated_at=now)
    old.save(force_insert=True)
    names = [field.column for field in Pledge._meta.concrete_fields]
    values = ["gen_random_uuid()" if name == "id" else name for name in names]
    with guards_down("funding_pledge"):
        as_owner(EXPIRED.format(names=", ".join(names), values=", ".join(values)), number, old.pk)


class Scene:
    """A long reader of the pledges, the migration that waits for them, and visitors who come behind it."""

    def __init__(self, at_size: Size, *, pledges: int) -> None:
        self.funders = [funding.funder(FEN) for _ in range(at_size(4, 60))]
        room = {"minimum_fen": 1, "optimum_fen": 600_000, "funder_max_fen": FEN, "max_funders": 200}
        self.campaign = funding.campaign(self.funders, **room)
        filled(self.campaign, pledges)
        self.reads, self.waits = threading.Event(), threading.Event()
        self.lost: list[OperationalError] = []
        self.most_waiting = 0
        self.said = StringIO()

    def run(self, *, until: Callable[[], bool], patience: str = "") -> None:
        """Everything at once. The report is being read until that is true; visitors wait for a lock so long, as in life unless told."""
        visitors = (partial(self.visit, part, patience) for part in range(4))
        assert race(partial(self.read, until), self.migrate, *visitors, seconds=240) == [None] * 6

    def read(self, until: Callable[[], bool]) -> None:
        """Somebody's report holds the table in its long transaction."""
        ends = time.monotonic() + 60
        with transaction.atomic(), connection.cursor() as cursor:
            cursor.execute("SELECT count(*) FROM funding_pledge")
            self.reads.set()
            while not until() and time.monotonic() < ends:
                cursor.execute(WAITING)
                waiting = len(cursor.fetchall())
                self.most_waiting = max(self.most_waiting, waiting)
                if waiting:
                    self.waits.set()
                time.sleep(0.02)

    def migrate(self) -> None:
        assert self.reads.wait(60)
        call_command("migrate", "funding", database="owner", verbosity=0, skip_checks=True, stderr=self.said)

    def visit(self, part: int, patience: str) -> None:
        """Some of the funders pledge one after the other, the first of them while the migration waits."""
        if patience:
            with connection.cursor() as cursor:
                cursor.execute("SELECT set_config('lock_timeout', %s, false)", [patience])
        assert self.waits.wait(60)
        for funder in self.funders[part::4]:
            try:
                funding.pledge(self.campaign, funder, FEN)
            except OperationalError as failure:
                self.lost.append(failure)

    def given_way(self) -> int:
        """How often the migration has let the others pass."""
        return self.said.getvalue().count("A table is in use")


def has_the_column() -> bool:
    with connection.cursor() as cursor:
        cursor.execute("SELECT count(*) FROM information_schema.columns WHERE table_name = 'funding_pledge' AND column_name = 'remark'")
        return bool(cursor.fetchone()[0])


@pytest.mark.usefixtures("one_more")
def test_a_migration_gives_way_comes_again_and_no_pledge_fails(at_size: Size, monkeypatch: pytest.MonkeyPatch) -> None:
    times, patience = at_size(1, 3), at_size(3, 20) / 10
    monkeypatch.setattr(migrate, "PATIENCE_SECONDS", patience)
    monkeypatch.setattr(migrate, "REST_SECONDS", patience / 2)
    scene = Scene(at_size, pledges=at_size(1_000, 1_000_000))
    scene.run(until=lambda: scene.given_way() >= times)
    assert scene.lost == []
    assert has_the_column()
    assert Pledge.objects.filter(state="cooling_off").count() == len(scene.funders)
    assert scene.given_way() >= times
    assert scene.most_waiting > 1  # somebody did wait behind it


@pytest.mark.usefixtures("one_more")
def test_twin_of_a_patient_migration_the_pledges_behind_it_fail(at_size: Size, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(migrate, "PATIENCE_SECONDS", 60)
    scene = Scene(at_size, pledges=1_000)
    scene.run(until=lambda: bool(scene.lost), patience="300ms")
    assert scene.lost
    assert has_the_column()
