"""One key, one piece of work: replayed for the same request and refused for another."""

from collections.abc import Callable
from typing import Any

import pytest

from marketplace.common import idempotency
from marketplace.common.models import IdempotentAnswer
from tests.factories import accounts, agreements, demands, treasury

BODY, OTHER = b"\x01" * 32, b"\x02" * 32


class Work:
    """Counts how often it was done."""

    def __init__(self) -> None:
        self.done = 0

    def __call__(self) -> tuple[int, Any]:
        self.done += 1
        return 201, {"number": self.done}


def once(work: Callable[[], tuple[int, Any]], *, actor: str = "me", key: str = "k-1", fingerprint: bytes = BODY) -> tuple[int, Any, bool]:
    return idempotency.once(actor_key=actor, key=key, fingerprint=fingerprint, run=work)


@pytest.mark.django_db
def test_the_same_key_and_body_are_answered_from_memory() -> None:
    work = Work()
    assert once(work) == (201, {"number": 1}, False)
    assert once(work) == (201, {"number": 1}, True)
    assert work.done == 1


@pytest.mark.django_db
def test_a_key_belongs_to_one_caller() -> None:
    work = Work()
    assert [once(work, actor=actor)[1] for actor in ("me", "you")] == [{"number": 1}, {"number": 2}]


@pytest.mark.django_db
def test_the_same_key_with_another_body_is_refused_and_does_nothing() -> None:
    work = Work()
    once(work)
    with pytest.raises(idempotency.KeyReused) as refused:
        once(work, fingerprint=OTHER)
    assert (refused.value.status, refused.value.code, work.done) == (422, "idempotency_key_reused", 1)


@pytest.mark.django_db
def test_work_that_breaks_leaves_no_answer_so_that_the_key_may_be_tried_again() -> None:
    def broken() -> tuple[int, Any]:
        once(Work(), key="written-by-work")
        raise RuntimeError("the power went")

    with pytest.raises(RuntimeError):
        once(broken)
    assert IdempotentAnswer.objects.count() == 0
    assert once(Work()) == (201, {"number": 1}, False)


def fund(client: Any, agreement_id: Any, key: str | None) -> Any:
    headers = {"HTTP_IDEMPOTENCY_KEY": key} if key is not None else {}
    return client.post(f"/api/v1/agreements/{agreement_id}/actions/conditions_met/", {}, format="json", **headers)


@pytest.mark.django_db
@pytest.mark.usefixtures("opener")
def test_a_refusal_is_an_answer_too_and_is_replayed_word_for_word() -> None:
    agreement = agreements.signed()
    client = accounts.api_client(agreement.company)
    first = fund(client, agreement.pk, "pay-1")
    assert (first.status_code, first.json()["code"]) == (409, "not_funded")
    assert first.json()["missing_fen"] == agreement.company_fen
    treasury.funded_wallet(agreement.company_fen, agreement.company_id)
    again = fund(client, agreement.pk, "pay-1")
    assert (again.status_code, again.json(), again.headers["Idempotent-Replayed"]) == (409, first.json(), "true")
    assert again.headers["Content-Type"].startswith("application/problem+json")
    paid = fund(client, agreement.pk, "pay-2")
    assert (paid.status_code, paid.json()["state"], paid.headers.get("Idempotent-Replayed")) == (200, "active", None)
    assert fund(client, agreement.pk, "pay-2").json() == paid.json()


@pytest.mark.django_db
@pytest.mark.usefixtures("opener")
@pytest.mark.parametrize(("key", "code"), [(None, "idempotency_key_missing"), ("k" * 256, "bad_request"), ("tab\tkey", "bad_request")])
def test_where_money_may_move_a_proper_key_is_asked_for(key: str | None, code: str) -> None:
    agreement = agreements.signed()
    answer = fund(accounts.api_client(agreement.company), agreement.pk, key)
    assert (answer.status_code, answer.json()["code"]) == (400, code)


@pytest.mark.django_db
@pytest.mark.usefixtures("opener")
def test_where_no_money_moves_no_key_is_needed() -> None:
    draft = demands.demand(until="draft")
    answer = accounts.api_client(draft.organisation).post(f"/api/v1/demands/{draft.pk}/actions/submit/", {}, format="json")
    assert (answer.status_code, answer.json()["state"]) == (200, "submitted")
