"""What people did becomes pairs to learn from; a mix is used only where it was better, and an administrator switches it on."""

import json
from io import StringIO
from pathlib import Path
from typing import Any

import pytest
from django.core.management import CommandError, call_command
from django.db import DatabaseError, connection, transaction
from django.test import Client

from ledger.app.models import Subject
from marketplace.accounts.models import Organisation
from marketplace.common import clock, outbox
from marketplace.common.errors import Forbidden, Invalid, NotFound
from marketplace.demands.models import Bid, Demand
from marketplace.demands.services import asking, judging, mixing, ranking
from marketplace.demands.services.signals import signals
from marketplace.demands.workflow import BidState
from matching.app import services as matcher
from matching.app.mixes import mix_of
from matching.app.models import MixSwitch
from matching.app.services.mixing import mixes, switches
from matching.engine.mixing import Mix
from tests.factories import accounts, catalogue, demands
from tests.factories.mixes import kept

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("opener")]


@pytest.fixture
def home() -> Organisation:
    return accounts.organisation("company")


def labelled_set(folder: Path, demands_: int) -> Path:
    """A set in which the title tells and the body misleads."""
    rows = [{"id": f"{kind}{n}", "title": f"{kind}{n}x"} for n in range(demands_) for kind in ("alpha", "beta")]
    asked = [{"id": f"q{n}", "text": f"alpha{n}x", "full_text": f"beta{n}x"} for n in range(demands_)]
    judged = [f"q{n}\talpha{n}\t3\nq{n}\tbeta{n}\t0" for n in range(demands_)]
    for name, lines in {
        "corpus.jsonl": map(json.dumps, rows),
        "queries.jsonl": map(json.dumps, asked),
        "qrels.tsv": ["h", *judged],
    }.items():
        (folder / name).write_text("\n".join(lines), encoding="utf-8")
    return folder


def test_words_of_both_sides_and_opened_bids_are_signals_and_what_strangers_say_or_nobody_may_know_is_not(home: Organisation) -> None:
    demand = demands.demand(home)
    good, wrong, dear, unknown = (catalogue.achievement(title_zh=f"钠离子电池{name}") for name in "甲乙丙丁")
    company, stranger = accounts.actor_for(home), accounts.actor_for(accounts.organisation("company"))
    for thing, actor, reason in ((good, company, ""), (wrong, company, "field"), (dear, company, "price"), (unknown, stranger, "")):
        judging.match_judge(demand=demand, supply=thing, actor=actor, useful=not reason, reason=reason)
    judging.match_judge(demand=demand, supply=wrong, actor=accounts.actor_for(wrong.organisation), useful=False, reason="known")
    bid, _ = demands.bid(demand)
    (told,) = signals()
    assert (told.corpus, told.demand, dict(told.grades)) == ("achievement", demand.pk, {good.pk: 2, wrong.pk: 0})
    assert demand.title_zh in told.query.title
    Bid.objects.filter(pk=bid.pk).update(state=BidState.OPENED, price_fen=1)
    assert {one.corpus: dict(one.grades) for one in signals()}["team"] == {bid.team_id: 1}
    Bid.objects.filter(pk=bid.pk).update(state=BidState.ACCEPTED)
    assert {one.corpus: dict(one.grades) for one in signals()}["team"] == {bid.team_id: 3}


def test_a_question_about_a_supply_is_contact_and_is_told_to_nobody(home: Organisation, client: Client) -> None:
    demand = demands.demand(home)
    offer = catalogue.achievement(title_zh="钠离子电池")
    owner = accounts.actor_for(offer.organisation)
    asking.question_ask(demand=demand, actor=owner, text="可以踏勘吗？")
    assert signals() == []
    for about in (catalogue.achievement(), catalogue.achievement(offer.organisation, published=False)):
        with pytest.raises(NotFound):
            asking.question_ask(demand=demand, actor=owner, text="可以踏勘吗？", about=about)
    poster = catalogue.achievement(home)
    asking.question_ask(demand=demand, actor=accounts.actor_for(home), text="自问", about=poster)
    api, team = accounts.api_client(offer.organisation), catalogue.team(offer.organisation)
    at = f"/api/v1/demands/{demand.pk}/questions/"
    asked = api.post(at, {"text": "负极用什么？", "achievement": str(offer.pk)}, format="json")
    assert (asked.status_code, set(asked.json())) == (201, {"id", "text", "answer", "asked_at", "answered_at"})
    assert api.post(at, {"text": "?", "achievement": str(poster.pk)}, format="json").status_code == 404
    assert api.post(at, {"text": "?", "achievement": str(offer.pk), "team": str(team.pk)}, format="json").status_code == 404
    client.force_login(offer.organisation.memberships.get().person)
    form = client.get(f"/demands/{demand.pk}/ask/?team={team.pk}").content.decode()
    assert (f'value="team-{team.pk}" selected' in form, f'value="achievement-{offer.pk}"' in form) == (True, True)
    assert ('<optgroup label="成果">' in form, poster.title in form) == (True, False)
    assert client.post(f"/demands/{demand.pk}/ask/", {"text": "何时开工？", "about": f"team-{team.pk}"}).status_code == 302
    assert {one.corpus: dict(one.grades) for one in signals()} == {"achievement": {offer.pk: 1}, "team": {team.pk: 1}}
    assert str(offer.pk) not in client.get(f"/demands/{demand.pk}/").content.decode().split('id="questions"')[1]
    outbox.relay()
    assert f"/demands/{demand.pk}/ask/?achievement={offer.pk}" in client.get(f"/achievements/{offer.pk}/").content.decode()
    judging.match_judge(demand=demand, supply=offer, actor=owner, useful=False, reason="field")
    assert {one.corpus: dict(one.grades) for one in signals()}["achievement"] == {offer.pk: 1}


def test_the_command_learns_from_a_set_and_from_signals_and_keeps_the_mix_switched_off(home: Organisation, tmp_path: Path) -> None:
    judging.match_judge(
        demand=demands.demand(home), supply=catalogue.achievement(title_zh="低温钠离子电池"), actor=accounts.actor_for(home), useful=True
    )
    catalogue.achievement(title_zh="钠离子电池")
    outbox.relay()
    told = StringIO()
    call_command("match_learn", labelled_set(tmp_path, 260), signals=True, keep=True, json=True, stdout=told)
    found = json.loads(told.getvalue())
    assert (found["sources"], found["demands"], found["pairs"], found["holds"]) == ([tmp_path.name, "signals"], 261, 521, True)
    assert (found["learned"] > found["fixed"], found["p"] < 0.05) == (True, True)
    (version,) = mixes()
    assert (version.number, version.factors, version.holds, version.in_force) == (found["number"], found["factors"], True, False)
    with pytest.raises(CommandError, match="No learned mix"):
        call_command("match_eval", tmp_path, mix="learned")
    mixing.mix_switch(actor=accounts.staff_actor("admin"), version=version.number, reason="更准")
    measured = {}
    for mix in ("fixed", "learned"):
        told = StringIO()
        call_command("match_eval", tmp_path, pool=True, mix=mix, json=True, stdout=told)
        measured[mix] = json.loads(told.getvalue())["nDCG@10"]
    assert measured["fixed"] < measured["learned"] == 1.0


def test_without_a_set_or_signals_there_is_nothing_to_learn_from(tmp_path: Path) -> None:
    for asked in (["--signals"], [str(tmp_path)]):
        with pytest.raises(CommandError):
            call_command("match_learn", *asked)


def ranked(demand: Demand, order: matcher.Order) -> list[Any]:
    return [match.id for match in ranking.supply_for_demand(demand, corpus="achievement", order=order)]


def test_a_mix_switched_on_orders_the_next_matches_and_neutral_and_fixed_order_stay(home: Organisation) -> None:
    demand = demands.demand(home, title_zh="钠离子电池", title_en="", text_zh="焊接机器人。")
    by_title, by_text = (
        catalogue.achievement(title_zh="钠离子电池", summary_zh="略"),
        catalogue.achievement(title_zh="焊接机器人", summary_zh="略"),
    )
    outbox.relay()
    admin = accounts.staff_actor("admin")
    orders: tuple[matcher.Order, ...] = ("learned", "fixed", "neutral")
    assert [ranked(demand, order)[0] for order in orders] == [by_text.pk] * 3
    nothing = {f"body_{kind}_{band}": 0 for kind in ("single", "pair") for band in ("common", "usual", "rare")}
    mixing.mix_switch(actor=admin, version=kept(**nothing), reason="标题更可靠")
    assert [ranked(demand, order)[0] for order in orders] == [by_title.pk, by_text.pk, by_text.pk]
    for match in ranking.supply_for_demand(demand, corpus="achievement"):
        assert sum(term.share for term in match.terms) + sum(soft.share for soft in match.soft) == pytest.approx(match.score, abs=1e-9)
    mixing.mix_switch(actor=admin, version=None, reason="退回")
    assert [ranked(demand, order)[0] for order in orders] == [by_text.pk] * 3
    recorded = Subject.objects.filter(kind="mix", object_id=mixing.MIX_ID, type="mix.switched", public=True)
    assert recorded.count() == 2


def test_only_an_administrator_of_all_regions_switches_with_a_reason_and_only_what_held() -> None:
    admin, number, failed = accounts.staff_actor("admin"), kept(), kept(holds=False)
    for actor in (
        accounts.staff_actor("reviewer"),
        accounts.staff_actor("admin", region="11"),
        accounts.actor_for(accounts.organisation()),
    ):
        with pytest.raises(Forbidden):
            mixing.mix_switch(actor=actor, version=number, reason="试用")
    refused: list[tuple[int | None, str, type[Exception]]] = [
        (number, " ", Invalid),
        (99, "试用", NotFound),
        (failed, "试用", mixing.GateNotHeld),
        (None, "试用", mixing.NothingSwitched),
    ]
    for version, reason, refusal in refused:
        with pytest.raises(refusal):
            mixing.mix_switch(actor=admin, version=version, reason=reason)
    assert not MixSwitch.objects.exists()


def test_the_database_keeps_mixes_as_they_were_and_lets_none_be_used_that_did_not_hold() -> None:
    number, failed = kept(), kept(holds=False)
    MixSwitch.objects.create(version_id=number, at=clock.now(), reason="试用")
    same = "sources, factors, sha256, demands, pairs, fixed, learned, chance"
    wrong = [
        "UPDATE matching_mixversion SET learned = 0.9",
        "DELETE FROM matching_mixversion WHERE NOT holds",
        "UPDATE matching_mixswitch SET version_id = NULL",
        "DELETE FROM matching_mixswitch",
        f"INSERT INTO matching_mixswitch (at, reason, version_id) VALUES (now(), 'x', {failed})",
        f"INSERT INTO matching_mixversion SELECT 9, at, by, {same}, true FROM matching_mixversion WHERE number = {failed}",
    ]
    for statement in wrong:
        with pytest.raises(DatabaseError), transaction.atomic(), connection.cursor() as cursor:
            cursor.execute(statement)


def test_a_mix_of_classes_that_this_program_does_not_know_is_named_in_the_log_and_not_used(
    caplog: pytest.LogCaptureFixture, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert (mix_of({"title colour rare": 1}), "title colour rare" in caplog.text) == (None, True)
    assert mix_of({"title pair rare": 1}) == Mix({"title pair rare": 1})
    MixSwitch.objects.create(version_id=kept(title_pair_rare=1), at=clock.now(), reason="试用")
    assert [one.in_force for one in mixes()] == [True]
    other = kept(title_pair_rare=2)
    monkeypatch.setattr("matching.app.mixes.Mix", lambda _: Mix({"title colour rare": 1}))
    assert [one.in_force for one in mixes()] == [False, False]
    with pytest.raises(NotFound):
        mixing.mix_switch(actor=accounts.staff_actor("admin"), version=other, reason="试用")


def test_the_mix_in_force_is_told_however_old_it_is(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("matching.app.services.mixing.MOST", 2)
    used, *later = (kept(title_pair_rare=1) for _ in range(4))
    MixSwitch.objects.create(version_id=used, at=clock.now(), reason="试用")
    assert [(one.number, one.in_force) for one in mixes()] == [(later[2], False), (later[1], False), (used, True)]
    MixSwitch.objects.create(version_id=later[2], at=clock.now(), reason="试用")
    assert [(one.number, one.in_force) for one in mixes()] == [(later[2], True), (later[1], False)]


def test_the_api_tells_what_was_learned_and_lets_an_administrator_switch() -> None:
    number = kept(title_pair_rare=1500)
    admin = accounts.api_client(accounts.staff("admin"))
    anyone = accounts.api_client()
    (row,) = anyone.get("/api/v1/matches/mixes/").json()
    expected = {"number": number, "factors": {"title pair rare": 1500}, "holds": True, "in_force": False}
    assert expected.items() <= row.items()
    assert admin.post("/api/v1/matches/mixes/switch/", {"version": number, "reason": "试用"}, format="json").status_code == 204
    assert anyone.get("/api/v1/matches/mixes/").json()[0]["in_force"] is True


def test_the_page_shows_what_was_learned_and_an_administrator_switches_by_the_same_rule(
    client: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    good, poor = kept(title_pair_rare=1500), kept(holds=False)
    client.force_login(accounts.staff("admin"))
    page = client.get("/mixes/").content.decode()
    assert ("第 1 组" in page, "0.8000" in page, "+0.1000" in page, "−0.1000" in page, "不高于固定权重" in page) == (True,) * 5
    assert ("/mixes/1/switch/" in page, "/mixes/2/switch/" in page, "标题 · 双字 · 少见" in page) == (True, False, True)
    refused = client.post(f"/en/mixes/{poor}/switch/", {"reason": "trial"})
    assert (refused.status_code, "was not shown to be better" in refused.content.decode()) == (422, True)
    assert client.post(f"/mixes/{good}/switch/", {"reason": " "}).status_code == 422
    assert client.post(f"/mixes/{good}/switch/", {"reason": "更准"}).status_code == 302
    assert [one.in_force for one in mixes()] == [False, True]
    english = client.get("/en/mixes/").content.decode()
    assert ("In force <strong>Mix 1</strong>" in english, "/en/mixes/0/switch/" in english, "更准" in english) == (True, True, True)
    assert "title · pairs of characters · rare" in english
    again = client.post(f"/mixes/{good}/switch/", {"reason": "更准"})
    assert (again.status_code, "已经是现行权重" in again.content.decode()) == (422, True)
    assert client.post("/mixes/0/switch/", {"reason": "退回"}).status_code == 302
    assert [one.number for one in switches()] == [None, good]
    assert client.get("/mixes/99/switch/").status_code == 404
    monkeypatch.setattr("matching.app.services.mixing.MOST", 1)
    assert ([one.number for one in mixes()], client.get(f"/mixes/{good}/switch/").status_code) == ([poor], 200)
    client.force_login(accounts.staff("admin", region="11"))
    assert client.get("/mixes/").status_code == 403
