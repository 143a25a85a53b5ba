"""Two workers at one bank's file: one takes its lines, and the other leaves it alone."""

import pytest

from marketplace.treasury.models import StatementImport
from marketplace.treasury.services import importing
from tests.factories.locks import without_lock
from tests.factories.racing import race
from tests.factories.treasury import previewed

pytestmark = pytest.mark.django_db(transaction=True, databases=["default", "owner"])


def taken_by_two() -> tuple[set[object], StatementImport]:
    """Both have read that no line is taken yet; what each answered, and the file afterwards."""
    run = previewed("B1,2026-11-23,1.00,in,,,", "B2,2026-11-23,2.00,in,,,")
    # Confirmed, and nobody has been told yet.
    StatementImport.objects.filter(pk=run.pk).update(phase="running")
    answers = race(*[lambda: importing._step(run.pk)] * 2, before="marketplace.treasury.services.statements.take")
    run.refresh_from_db()
    return set(answers), run


def test_of_two_workers_one_takes_the_lines_and_the_file_knows_them() -> None:
    answers, run = taken_by_two()
    assert answers == {True, False}
    assert (run.phase, run.handled, run.total) == ("running", 0, 2)
    race(*[lambda: importing.work(run.pk)] * 2)
    run.refresh_from_db()
    assert (run.phase, run.handled, run.total) == ("done", 2, 2)


def test_twin_without_the_lock_the_second_calls_the_file_done_with_no_line_of_it_looked_at() -> None:
    with without_lock("the bank's file"):
        _, run = taken_by_two()
    assert (run.phase, run.handled, run.total, run.statement.lines.count()) == ("done", 0, 0, 2)
