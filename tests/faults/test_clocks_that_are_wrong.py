"""Machines whose clocks are wrong: five minutes ahead, five behind, or set back by an hour, while the database's is right.

Ten cases. What is due, valid or fresh the database's clock says; the order of the log is that of its numbers; and no time in it makes
a proof fail.
"""

from collections import Counter
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
from allauth.account import app_settings
from allauth.account.internal.flows.login import record_authentication
from allauth.account.internal.flows.reauthentication import did_recently_reauthenticate
from allauth.mfa.adapter import get_adapter
from allauth.mfa.models import Authenticator
from allauth.mfa.totp.internal.auth import TOTP, format_hotp_value, hotp_value
from celery.beat import PersistentScheduler
from celery.worker.request import Request
from django.contrib.auth.models import AnonymousUser
from django.contrib.sessions.backends.db import SessionStore
from django.core.cache import cache

from ledger import verify
from ledger.app import models as log
from ledger.app import services as ledger
from ledger.app import signing
from ledger.app.services import cosigning
from ledger.app.services.exporting import export
from ledger.witness.store import Store
from marketplace.accounts.models import ApiKey
from marketplace.accounts.selectors import organisations
from marketplace.accounts.services import keys, membering
from marketplace.agreements.services import keys as party_keys
from marketplace.common import clock
from marketplace.common.models import OutboxEvent
from marketplace.common.tasks import relay_outbox
from marketplace.config import celery
from marketplace.config.beat import Scheduler
from marketplace.config.schedule import BEAT
from marketplace.funding import errors
from marketplace.funding.models import Campaign, Pledge
from marketplace.funding.services import assessing
from marketplace.treasury import selectors as treasury
from marketplace.treasury.services import statements
from marketplace.workflow import sweeping
from marketplace.workflow.performing import perform
from tests.factories import accounts, funding
from tests.factories.clocks import MINUTE, WRONG, machine_off_by
from tests.factories.treasury import statement_csv
from tests.factories.witnesses import serving

pytestmark = pytest.mark.django_db
AHEAD, BEHIND, BACK = WRONG.values()
SECRET = "JBSWY3DPEHPK3PXPJBSWY3DPEHPK3PXP"


@pytest.fixture
def _nothing_used_yet() -> Iterator[None]:
    cache.clear()
    yield
    cache.clear()


def in_minutes(minutes: float) -> Any:
    """That far from now, by the database's clock."""
    return clock.now() + timedelta(minutes=minutes)


def test_1_a_campaign_is_open_until_the_database_says_that_its_deadline_is_over() -> None:
    funders = [funding.funder(100_000) for _ in range(2 * len(WRONG))]
    campaign = funding.campaign(funders)
    row = Campaign.objects.filter(pk=campaign.pk)
    row.update(opened_at=None)
    row.update(deadline=in_minutes(4), due_at=in_minutes(4), opened_at=campaign.opened_at)
    for off, funder in zip(WRONG.values(), funders[:3], strict=True):
        with machine_off_by(off):
            assert funding.pledge(campaign, funder, 10_000).state == "cooling_off"
            sweeping.sweep()
        assert row.get().state == "open", off
    funding.overdue(campaign)
    for off, funder in zip(WRONG.values(), funders[3:], strict=True):
        with machine_off_by(off), pytest.raises(errors.CampaignNotOpen):
            funding.pledge(campaign, funder, 10_000)
    with machine_off_by(BACK):
        sweeping.sweep()
    assert row.get().state == "clearing"


def test_2_cooling_off_lasts_as_long_as_the_database_says() -> None:
    funders = [funding.funder(100_000) for _ in WRONG]
    campaign = funding.campaign(funders)
    pledges = [funding.pledge(campaign, funder, 10_000) for funder in funders]
    rows = Pledge.objects.filter(campaign=campaign)
    rows.update(due_at=in_minutes(4))
    with machine_off_by(AHEAD):
        sweeping.sweep()
        perform("cancel", pledges[0], accounts.actor_for(funders[0]))
    assert sorted(rows.values_list("state", flat=True)) == ["cancelled", "cooling_off", "cooling_off"]
    rows.filter(state="cooling_off").update(due_at=in_minutes(-1))
    for off in (BEHIND, BACK):
        with machine_off_by(off), pytest.raises(errors.CoolingOffOver):
            perform("cancel", pledges[1], accounts.actor_for(funders[1]))
    with machine_off_by(BACK):
        sweeping.sweep()
    assert sorted(rows.values_list("state", flat=True)) == ["cancelled", "firm", "firm"]


@pytest.mark.usefixtures("_nothing_used_yet")
def test_3_a_code_of_the_second_factor_is_right_when_the_database_says_so() -> None:
    secret = get_adapter().encrypt(SECRET)
    officer = accounts.staff("finance", factor=False)
    factor = TOTP(Authenticator.objects.create(user=officer, type="totp", data={"secret": secret}))
    with clock.one_moment():  # a code is of thirty seconds: they do not change in between
        code_of = {off: code_at(clock.now() + timedelta(seconds=off)) for off in (0, *WRONG.values())}
        assert len(set(code_of.values())) == 4
        for off in WRONG.values():
            cache.clear()
            with machine_off_by(off):
                assert not factor.validate_code(code_of[off]), "of another time than now"
                assert factor.validate_code(code_of[0])
                assert not factor.validate_code(code_of[0]), "once used"


def code_at(moment: Any) -> str:
    return str(format_hotp_value(hotp_value(SECRET, int(moment.timestamp()) // 30)))


def test_4_a_key_and_an_invitation_end_when_the_database_says_so() -> None:
    company = accounts.organisation("company")
    with clock.shifted(-60 * MINUTE):
        key, token = accounts.api_key(company)
    guest = accounts.person()
    invited = membering.invite(actor=accounts.actor_for(company), email=guest.email, roles=["member"])
    rows = (ApiKey.objects.filter(pk=key.pk), type(invited).objects.filter(pk=invited.pk))
    for row in rows:
        row.update(expires_at=in_minutes(4))
    with machine_off_by(AHEAD):
        assert keys.open_key(token) == key
        assert list(organisations.invitations_to(guest)) == [invited]
    for row in rows:
        row.update(expires_at=in_minutes(-1))
    for off in (BEHIND, BACK):
        with machine_off_by(off):
            assert keys.open_key(token) is None
            assert list(organisations.invitations_to(guest)) == []


def test_5_a_link_that_sets_a_password_is_good_for_an_hour_of_the_database_s(settings: Any) -> None:
    links, person = app_settings.PASSWORD_RESET_TOKEN_GENERATOR(), accounts.person()
    with clock.shifted(-58 * MINUTE):
        young = links.make_token(person)
    with clock.shifted(-62 * MINUTE):
        old = links.make_token(person)
    for off in WRONG.values():
        with machine_off_by(off):
            assert (links.check_token(person, young), links.check_token(person, old)) == (True, False), off
            made_here = links.make_token(person)
        with clock.shifted(58 * MINUTE):
            assert links.check_token(person, made_here)
        with clock.shifted(62 * MINUTE):
            assert not links.check_token(person, made_here)


def test_6_who_confirmed_is_asked_again_after_fifteen_minutes_of_the_database_s() -> None:
    assert app_settings.REAUTHENTICATION_TIMEOUT == 15 * MINUTE
    for off in WRONG.values():
        for minutes, fresh in ((14, True), (16, False)):
            request: Any = SimpleNamespace(user=accounts.person(), session=SessionStore())
            with clock.shifted(-minutes * MINUTE):  # on a machine that is right
                record_authentication(request, request.user, "password", reauthenticated=True)
            with machine_off_by(off):
                assert did_recently_reauthenticate(request) == fresh, (off, minutes)
    assert not did_recently_reauthenticate(SimpleNamespace(user=AnonymousUser(), session=SessionStore()))


def test_7_the_newest_answer_and_the_newest_key_are_the_last_ones_given() -> None:
    funder = accounts.organisation("funder")
    actor = accounts.actor_for(funder)
    first, first_key = funding.assessed(funder), party_keys.key_register(actor=actor)
    with machine_off_by(BACK):
        last, last_key = funding.assessed(funder, source="borrowed"), party_keys.key_register(actor=actor)
    assert (last.pk < first.pk, last_key.pk < first_key.pk) == (True, True)  # ids do follow the machine's clock
    assert assessing.newest(funder.pk) == last
    assert not assessing.is_suitable(funder.pk)
    assert party_keys.usable_key(funder.pk, None) == last_key
    listed = accounts.api_client(funder).get("/api/v1/signing-keys/").json()["results"]
    assert [key["id"] for key in listed] == [str(last_key.pk), str(first_key.pk)]


def test_7b_the_bank_is_held_against_the_last_statement_of_the_day() -> None:
    finance = accounts.staff_actor("finance")
    for off, name, yuan in ((0, "morning", "10.00"), (BACK, "evening", "16.00")):
        with machine_off_by(off):
            content = statement_csv(f"{name},2026-11-23,1,in,,,,{yuan}").replace(b"\n", b",balance_yuan\n")
            statements.import_statement(actor=finance, content=content, name=name)
    assert (latest := treasury.latest_reconciliation())
    assert (latest[0].name, latest[1].closing_fen) == ("evening", 1_600)


@pytest.fixture
def key(settings: Any, tmp_path: Path) -> str:
    settings.LEDGER_KEY_FILE, settings.LEDGER_LAST_CHECKPOINT_FILE = str(tmp_path / "key"), ""
    vkey: str = signing.make_key(tmp_path / "key", origin=settings.LEDGER_ORIGIN).verifier.vkey
    return vkey


def seal() -> None:
    ledger.sequence_batch()
    ledger.publish_checkpoint()


@pytest.mark.django_db(transaction=True, databases=["default", "sequencer", "owner"])
def test_8_the_log_and_the_outbox_keep_the_order_of_the_changes(key: str, tmp_path: Path) -> None:
    began, made = clock.now(), []
    for off in (AHEAD, BACK, BEHIND, 0):
        with machine_off_by(off):
            made.append(accounts.organisation())
    with machine_off_by(BACK):
        seal()
    entries = list(log.Entry.objects.order_by("seq"))
    subject = {row.pk: row for row in log.Subject.objects.filter(kind="organisation")}
    of_them = [(subject[one.id].object_id, one.type) for one in entries if one.id in subject]
    assert of_them == [(one.pk, move) for one in made for move in ("organisation.submitted", "organisation.verified")]
    told = [one.at for one in entries]
    assert told == sorted(told)
    assert began - timedelta(seconds=1) <= told[0] <= told[-1] <= clock.now()
    events = OutboxEvent.objects.filter(kind="organisation").order_by("position")
    assert list(dict.fromkeys(events.values_list("object_id", flat=True))) == [one.pk for one in made]
    assert proved(key, tmp_path)


def proved(key: str, folder: Path) -> bool:
    """Whether the log agrees with itself, and the independent program says so of what it exports."""
    export(folder / "log")
    return ledger.audit() == [] and verify.main(["log", str(folder / "log"), "--key", key]) == 0


@pytest.mark.django_db(transaction=True, databases=["default", "sequencer", "owner"])
def test_9_proofs_hold_though_times_go_back_and_a_witness_is_wrong(key: str, tmp_path: Path, settings: Any) -> None:
    store = Store.create(tmp_path / "witness", name="witness.example/w1")
    store.trust(key)
    with serving(store) as client:
        settings.LEDGER_WITNESSES = [f"http://127.0.0.1:{client.port} {store.key().cosigner.vkey} ours"]
        for off in (AHEAD, BACK, BEHIND):
            with clock.shifted(off), machine_off_by(off):  # the database's own clock too, as after a restore on another host
                accounts.organisation()
                seal()
                assert cosigning.ask_all() == []
    told = list(log.Entry.objects.order_by("seq").values_list("at", flat=True))
    assert told != sorted(told)
    assert log.Cosignature.objects.count() == 3
    assert proved(key, tmp_path)


ERRANDS = {line["task"]: line for line in BEAT.values()}


def test_10_a_worker_takes_errands_of_a_beat_that_is_ten_minutes_behind_it() -> None:
    for task, line in ERRANDS.items():
        assert not dropped(task, line, waited=10 * MINUTE)
        assert dropped(task, line, waited=10 * MINUTE + line["schedule"] + 10)


def dropped(task: str, line: dict[str, Any], *, waited: float) -> bool:
    """Whether a worker throws away what beat sent that long ago, as its clock and beat's see it."""
    sent_at = celery.app.now() - timedelta(seconds=waited)
    sent = celery.app.amqp.as_task_v2("some id", task, now=sent_at, **line["options"])
    kind = {"content_type": "application/json", "content_encoding": "utf-8", "delivery_info": {}, "properties": {}}
    message = SimpleNamespace(headers=sent.headers, body=sent.body, payload=sent.body, **kind)
    return bool(Request(message, app=celery.app, task=relay_outbox).maybe_expire())


def test_10b_errands_go_on_when_the_clock_of_beat_is_set_back_by_an_hour(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    sent = sent_after_the_step(Scheduler, tmp_path / "ours", monkeypatch)
    assert {line["schedule"] for task, line in ERRANDS.items() if sent[task]} == {1, MINUTE}
    assert {sent[task] for task, line in ERRANDS.items() if line["schedule"] == 1} <= set(range(60, 72))
    twin = sent_after_the_step(PersistentScheduler, tmp_path / "celery's own", monkeypatch)
    assert twin.total() == 0


def sent_after_the_step(kind: type[PersistentScheduler], file: Path, monkeypatch: pytest.MonkeyPatch) -> Counter[str]:
    """How often each errand is sent in the seventy seconds after the step back."""
    sent, present = Counter[str](), [datetime(2026, 3, 1, 8, 0, tzinfo=UTC)]
    monkeypatch.setattr(celery.app, "now", lambda: present[0])
    monkeypatch.setattr(kind, "apply_entry", lambda self, entry, producer=None: sent.update([entry.task]))
    scheduler = kind(celery.app, schedule_filename=str(file))
    scheduler.__dict__["producer"] = None
    for second in range(100):
        if second == 30:
            present[0] -= timedelta(hours=1)
            sent.clear()
        present[0] += timedelta(seconds=1)
        while scheduler.tick() == 0:
            pass
    scheduler.close()
    return sent
