"""What was issued, deposited and stamped cannot be changed, removed or emptied, whichever role asks and in whatever mode."""

from pathlib import Path
from typing import Any

import pytest
from django.conf import settings as configured

from marketplace.evidence.models import Timestamp
from tests.factories import accounts, evidence
from tests.factories.roles import DENIED, ONLY_GROWS, attempt, guarded, guards, replica_mode

pytestmark = pytest.mark.django_db(transaction=True, databases=["default", "sequencer", "owner"])
TABLES = {"evidence_certificate": "withheld", "evidence_deposit": "size", "evidence_timestamp": "authority"}


@pytest.fixture(autouse=True)
def rows(settings: Any, tmp_path: Path) -> None:
    """One row in each table: without a row no row's guard is asked."""
    evidence.sign_with(settings, tmp_path)
    owner = accounts.organisation("company")
    made = evidence.deposit(owner)
    evidence.seal()
    evidence.certificate(made, accounts.actor_for(owner))
    now = evidence.now()
    Timestamp.objects.create(size=1, note="n", token=b"t", authority="tsa.example", stamped_at=now, received_at=now)


def statements(table: str, column: str) -> list[str]:
    changed = f"UPDATE {table} SET {column} = " + ("'x'" if column == "authority" else f"{column} + 1")
    return [changed, f"DELETE FROM {table}", f"TRUNCATE {table} CASCADE"]


@pytest.mark.parametrize(("alias", "refusals"), [("default", {DENIED}), ("sequencer", {DENIED}), ("owner", {ONLY_GROWS})])
def test_no_role_changes_removes_or_empties_what_was_issued_deposited_or_stamped(alias: str, refusals: set[str]) -> None:
    for table, column in TABLES.items():
        for statement in statements(table, column):
            assert attempt(alias, statement) in refusals, statement


def test_an_organisation_s_deposit_keeps_its_hash_its_time_its_depositor_and_its_title() -> None:
    kept = ("sha256 = reverse(sha256)", "made_at = made_at - interval '1 day'", "organisation_id = gen_random_uuid()", "title = ''")
    for changed in kept:
        assert attempt("owner", f"UPDATE evidence_deposit SET {changed}") == ONLY_GROWS, changed
    assert attempt("owner", "UPDATE evidence_deposit SET file_id = NULL") is None


def test_in_replica_mode_too_nobody_changes_removes_or_empties_it() -> None:
    with replica_mode() as run:
        assert run(configured.APP_ROLE, "SELECT * FROM evidence_deposit") is None
        for role, refusals in ((configured.APP_ROLE, {DENIED}), (configured.OWNER_ROLE, {ONLY_GROWS})):
            for table, column in TABLES.items():
                for statement in statements(table, column):
                    assert run(role, statement) in refusals, (role, statement)
        # The twin: an ordinary trigger sleeps in replica mode.
        asleep = "ALTER TABLE evidence_certificate ENABLE TRIGGER evidence_certificate_stays"
        assert run(configured.OWNER_ROLE, asleep, "DELETE FROM evidence_certificate") is None


def test_every_table_of_evidence_is_guarded_and_no_working_role_may_lower_a_guard() -> None:
    assert guarded("evidence_") == {table: {8, 16, 32} for table in TABLES}
    found = guards("evidence_")
    assert {awake for *_, awake in found} == {"A"}
    for table, name, _, _ in found:
        for statement in (f"ALTER TABLE {table} DISABLE TRIGGER {name}", f"DROP TRIGGER {name} ON {table}", f"DROP TABLE {table} CASCADE"):
            assert attempt("default", statement) == DENIED, statement
