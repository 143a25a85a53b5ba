"""A database in need (no time, no connection, no disk) answers a pledge by 503 and when to come again; nothing of it stays.

Once the need is over the same request is done, with nobody's help.
"""

from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from typing import Any

import pytest
from django.db import connection, connections

from ledger.app.models import Inbox
from marketplace.common.models import IdempotentAnswer, OutboxEvent
from marketplace.config import refusals
from marketplace.funding.models import Campaign, Pledge
from marketplace.treasury.models import Transfer
from marketplace.workflow.models import Change
from tests.factories import accounts, funding
from tests.factories.guards import as_owner

pytestmark = [pytest.mark.django_db(transaction=True, databases=["default", "owner"]), pytest.mark.prove]
FEN = 10_000
WRITTEN = (Pledge, Transfer, Inbox, OutboxEvent, Change, IdempotentAnswer)
Need = Callable[[Campaign], AbstractContextManager[None]]


@contextmanager
def no_time(campaign: Campaign) -> Iterator[None]:
    """Somebody else holds the campaign for longer than a statement may take."""
    with connection.cursor() as cursor:
        cursor.execute("SET statement_timeout = '150ms'")
    other = connections["default"].copy()
    try:
        other.set_autocommit(False)
        with other.cursor() as cursor:
            cursor.execute("SELECT 1 FROM funding_campaign WHERE id = %s FOR UPDATE", [campaign.pk])
        yield
    finally:
        other.rollback()
        other.close()
        connection.close()


@contextmanager
def no_connection(campaign: Campaign) -> Iterator[None]:
    """Every connection that the database gives to anybody is taken (SQLSTATE 53300, as where max_connections is reached)."""
    name = connection.settings_dict["NAME"]
    connection.close()
    as_owner(f'ALTER DATABASE "{name}" CONNECTION LIMIT 0')
    try:
        yield
    finally:
        as_owner(f'ALTER DATABASE "{name}" CONNECTION LIMIT -1')


def no_disk(table: str, *, at: str) -> Need:
    """Nothing more goes into this table (SQLSTATE 53100), at once or when the transaction commits."""

    @contextmanager
    def full(campaign: Campaign) -> Iterator[None]:
        as_owner(
            "CREATE FUNCTION disk_is_full() RETURNS trigger LANGUAGE plpgsql AS"
            " $$ BEGIN RAISE EXCEPTION 'could not extend file: No space left on device' USING ERRCODE = '53100'; END $$"
        )
        kind, moment = ("CONSTRAINT TRIGGER", "DEFERRABLE INITIALLY DEFERRED") if at == "commit" else ("TRIGGER", "")
        as_owner(f"CREATE {kind} disk_is_full AFTER INSERT ON {table} {moment} FOR EACH ROW EXECUTE FUNCTION disk_is_full()")
        try:
            yield
        finally:
            as_owner(f"DROP TRIGGER disk_is_full ON {table}")
            as_owner("DROP FUNCTION disk_is_full()")

    return full


NEEDS: dict[str, Need] = {
    "no time for a statement": no_time,
    "no connection is left": no_connection,
    "no disk for the pledge": no_disk("funding_pledge", at="once"),
    "no disk for its hold": no_disk("treasury_transfer", at="once"),
    "no disk for the ledger's intent": no_disk("ledger_inbox", at="once"),
    "no disk for the answer that is kept": no_disk("common_idempotentanswer", at="once"),
    "no disk at the commit": no_disk("common_outboxevent", at="commit"),
}


class Visitor:
    """A funder at one open campaign, by cookie or by key."""

    def __init__(self, *, by_key: bool) -> None:
        self.funder = funding.funder(FEN)
        self.campaign = funding.campaign([self.funder], minimum_fen=1, funder_min_fen=1)
        token = accounts.api_key(self.funder, scopes=["read", "write", "money"])[1]
        self.client = accounts.api_client(token=token) if by_key else accounts.api_client(self.funder)
        self.client.raise_request_exception = False

    def pledge(self) -> Any:
        body = {"campaign": str(self.campaign.pk), "fen": FEN, **funding.accepted(self.campaign)}
        return self.client.post("/api/v1/pledges/", body, headers={"Idempotency-Key": "once"})


def counted() -> list[int]:
    return [model.objects.count() for model in WRITTEN]


@pytest.mark.parametrize("by_key", [True, False], ids=["by a key", "signed in"])
def test_a_pledge_is_put_off_whole_and_done_once_the_need_is_over(by_key: bool) -> None:
    visitor = Visitor(by_key=by_key)
    before = counted()
    for name, need in NEEDS.items():
        with need(visitor.campaign):
            answer = visitor.pledge()
            page = visitor.client.get("/campaigns/") if need is no_connection and not by_key else None
        assert (answer.status_code, answer["Content-Type"], answer.json()["code"]) == (503, "application/problem+json", "try_again"), name
        assert int(answer["Retry-After"]) > 0
        assert counted() == before, name
        assert page is None or (page.status_code, int(page["Retry-After"]) > 0, b"<!doctype html>" in page.content) == (503, True, True)
    done = visitor.pledge()
    assert (done.status_code, "Idempotent-Replayed" in done) == (201, False)
    assert [after - was for after, was in zip(counted(), before, strict=True)][:2] == [1, 1]
    assert visitor.pledge().json() == done.json()


def test_twin_without_the_door_for_needs_the_visitor_is_told_of_a_fault(monkeypatch: pytest.MonkeyPatch) -> None:
    visitor = Visitor(by_key=False)
    monkeypatch.setattr(refusals, "OperationalError", ZeroDivisionError)
    with no_connection(visitor.campaign):
        assert visitor.pledge().status_code == 500
