"""The back office shows rows to the offices that may read them all, changes nothing, and holds no word that is not for its reader."""

from typing import Any

import pytest
from django.apps import apps
from django.contrib import admin
from django.db import models, transaction
from django.test import Client

from marketplace.common.admin import ReadOnlyAdmin
from tests.factories import accounts
from tests.factories.world import ELSEWHERE, World

ROLES = ("company", "reviewer", "finance", "security", "auditor", "admin")
OVERSEERS, MONEY, PEOPLE = {"admin", "auditor"}, {"finance", "auditor"}, {"admin", "security", "auditor"}
# Of other people's software; nobody has a right there.
FOREIGN = {"auth.Group", "account.EmailAddress", "mfa.Authenticator", "usersessions.UserSession"}
MODELS = {model._meta.label: model for model in admin.site._registry}


def readers(label: str) -> set[str]:
    if label in FOREIGN:
        return set()
    if label == "funding.BankAccount":
        return MONEY
    return {"accounts": PEOPLE, "treasury": MONEY}.get(label.partition(".")[0], OVERSEERS)


def address(model: type[models.Model], end: str = "") -> str:
    return f"/en/admin/{model._meta.app_label}/{model._meta.model_name}/{end}"


def statuses_and_text(client: Client, addresses: list[str]) -> tuple[set[int], str]:
    answers = [client.get(each) for each in addresses]
    return {answer.status_code for answer in answers}, "".join(answer.content.decode() for answer in answers)


def test_every_room_s_rows_are_read_only_and_the_rest_is_shut() -> None:
    places = {label: apps.get_app_config(model._meta.app_label).name for label, model in MODELS.items()}
    ours = {label for label, place in places.items() if place.startswith(("marketplace.", "ledger.", "matching."))}
    assert set(MODELS) - ours == FOREIGN
    assert [label for label in ours if not isinstance(admin.site._registry[MODELS[label]], ReadOnlyAdmin)] == []


@pytest.mark.parametrize("role", ROLES)
def test_whoever_may_read_the_rows_sees_them_and_no_word_that_is_not_for_them(world: World, role: str) -> None:
    client, wrong = world.client(role), []
    nobody = {302} if role == "company" else {403}
    for label, model in MODELS.items():
        # The newest: the world's own, and enough of them to hold each of its words.
        rows = [str(row.pk) for row in model._base_manager.order_by("-pk")[:4]] if role in readers(label) else []
        seen, text = statuses_and_text(client, [address(model), *(address(model, f"{pk}/change/") for pk in rows)])
        if seen != ({200} if role in readers(label) else nobody):
            wrong.append(f"{label}: {seen}")
        wrong += [f"{label} tells {secret}" for secret, known_to in world.secrets.items() if role not in known_to and secret in text]
    assert wrong == []


@pytest.mark.parametrize("role", ["auditor"])
def test_nothing_is_added_changed_or_deleted(world: World, role: str) -> None:
    client: Any = world.client(role)
    for model in MODELS.values():
        row = model._base_manager.first()
        before = model._base_manager.filter(pk=row.pk).values().get() if row else None
        tries = [address(model, "add/"), *([address(model, f"{row.pk}/change/"), address(model, f"{row.pk}/delete/")] if row else [])]
        with transaction.atomic():
            answers = [client.post(each, {"state": "open", "post": "yes"}).status_code for each in tries]
            picked = client.post(address(model), {"action": "delete_selected", "_selected_action": [str(row.pk)] if row else []})
        assert set(answers) == {403}, (model, answers)
        assert picked.status_code in (302, 403, 200)
        assert before == (model._base_manager.filter(pk=row.pk).values().get() if row else None)


@pytest.mark.django_db
@pytest.mark.parametrize("office", ["admin", "finance"])
def test_an_office_for_one_region_reads_elsewhere(office: str) -> None:
    client = Client()
    client.force_login(accounts.staff(office, region=ELSEWHERE))
    assert {client.get(address(model)).status_code for model in MODELS.values()} == {403}
