"""Drawing up and signing: whole shares, one text, the same bytes for everybody, and the last signature concludes."""

from dataclasses import replace
from typing import Any

import pytest
from cryptography.fernet import InvalidToken
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from django.db import IntegrityError, transaction

from ledger.app import services as ledger
from marketplace.accounts.models import Organisation
from marketplace.agreements import errors
from marketplace.agreements.models import Agreement, Party, PartyKey
from marketplace.agreements.services import document, keys, signing
from marketplace.common import hashing
from marketplace.common.actor import ALL_SCOPES
from marketplace.common.errors import Conflict, Forbidden, Invalid, MissingScope, NotFound, NotVerified, WrongState
from marketplace.workflow import sweeping
from marketplace.workflow.performing import perform
from tests.factories import accounts, agreements, demands, funding

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("opener")]


def own_key(who: Organisation) -> tuple[Ed25519PrivateKey, PartyKey]:
    private = Ed25519PrivateKey.generate()
    return private, keys.key_register(actor=accounts.actor_for(who), public_key=private.public_key().public_bytes_raw().hex())


def by_hand(private: Ed25519PrivateKey, agreement: Agreement) -> str:
    return private.sign(keys.CONTEXT + bytes(agreement.statement)).hex()


@pytest.mark.parametrize(
    "shares",
    [
        (400_000, 600_001, 0),
        (400_000, 599_999, 0),
        (0, 0, 0),
        (-1, 1_000_001, 0),
    ],
)
def test_the_shares_of_later_revenue_make_exactly_the_whole(shares: tuple[int, int, int]) -> None:
    demand = funding.awarded_demand()
    names = ("inventor_share_ppm", "unit_share_ppm", "region_share_ppm")
    with pytest.raises(errors.SharesNotWhole):
        agreements.drawn(demand, **dict(zip(names, shares, strict=True)))
    assert Agreement.objects.count() == 0


def test_the_database_keeps_the_shares_whole_too() -> None:
    made = agreements.drawn(funding.awarded_demand())
    with pytest.raises(IntegrityError, match="agreement_shares_make_the_whole"), transaction.atomic():
        Agreement.objects.filter(pk=made.pk).update(unit_share_ppm=1)


def test_a_contract_is_of_a_kind_that_the_civil_code_knows() -> None:
    with pytest.raises(Invalid) as refused:
        agreements.drawn(funding.awarded_demand(), contract_type="loan")
    assert set(refused.value.fields) == {"contract_type"}


def test_an_agreement_is_drawn_by_the_company_for_an_awarded_demand_and_once() -> None:
    demand = funding.awarded_demand()
    company, winner = demands.company_of(demand), accounts.actor_for(demand.awarded_bid.organisation)
    draw = agreements.drawing.agreement_draw
    for actor, refusal in (
        (winner, Forbidden),
        (replace(company, verified=False), NotVerified),
        (replace(company, scopes=ALL_SCOPES - {"write"}), MissingScope),
    ):
        with pytest.raises(refusal):
            draw(demand=demand, campaign=None, actor=actor, terms=agreements.terms())
    agreements.drawn(demand)
    with pytest.raises(errors.AlreadyDrawn):
        agreements.drawn(demand)
    with pytest.raises(errors.DemandNotAwarded):
        agreements.drawn(demands.demand())


def test_the_milestones_divide_the_price_to_the_fen() -> None:
    made = agreements.drawn()  # 800,001 fen by 40 and 60 per cent
    rows = list(made.milestones.values_list("ordinal", "fen", "company_fen", "campaign_fen", "fee_fen"))
    assert rows == [(1, 320_000, 320_000, 0, 6_400), (2, 480_001, 480_001, 0, 9_600)]
    assert made.price_fen == made.company_fen == 800_001


def test_a_campaign_s_part_is_divided_over_the_milestones_by_the_same_shares() -> None:
    demand = agreements.challenge_awarded()
    campaign = agreements.captured(demand, 100_000, 33_333)
    made = agreements.drawn(demand, campaign)
    assert (made.company_fen, made.campaign_fen) == (666_668, 133_333)
    rows = list(made.milestones.values_list("fen", "company_fen", "campaign_fen"))
    assert rows == [(320_000, 266_667, 53_333), (480_001, 400_001, 80_000)]
    roles = made.parties.order_by("role").values_list("role", flat=True)
    assert list(roles) == ["company", "funder", "funder", "team"]


def test_a_campaign_of_another_demand_or_without_money_does_not_fit() -> None:
    demand = funding.awarded_demand()
    for campaign in (agreements.captured(funding.awarded_demand(), 50_000), funding.campaign(demand=demand)):
        with pytest.raises(errors.CampaignNotFitting):
            agreements.drawn(demand, campaign)


def test_the_same_terms_give_the_same_text_and_a_revision_another_version() -> None:
    made = agreements.drawn(funding.awarded_demand(), terms_zh="补充条款甲")
    assert made.document == document.document_of(made)
    assert made.document_sha256 == hashing.sha256_of_text(made.document)
    for said in ("壹万元整", "补充条款甲", "技术合同", "40.0000%"):
        assert said in made.document
    team = accounts.actor_for(made.university)
    revised = perform("revise", made, team, terms={"inventor_share_ppm": 500_000, "unit_share_ppm": 500_000})
    assert (revised.version, "50.0000%" in revised.document) == (2, True)
    assert revised.document_sha256 != made.document_sha256


def test_an_agreement_is_known_to_its_parties_and_the_platform_s_staff_only() -> None:
    made = agreements.drawn(funding.awarded_demand())
    with pytest.raises(NotFound):
        perform("freeze_text", made, accounts.actor_for(accounts.organisation("company")))
    with pytest.raises(Forbidden):
        perform("freeze_text", made, accounts.actor_for(made.university))


def test_everyone_signs_the_same_bytes_and_the_last_signature_contracts_the_demand() -> None:
    made = agreements.frozen(funding.awarded_demand())
    statement = bytes(made.statement)
    made = agreements.sign(made, made.university)
    assert (made.state, made.demand.state, made.signed_at) == ("pending_signatures", "awarded", None)
    made = agreements.sign(made, made.company)
    made.demand.refresh_from_db()
    assert (made.state, made.demand.state, made.demand.awarded_bid.state) == ("signed", "contracted", "accepted")
    assert bytes(made.statement) == statement
    for party in made.parties.select_related("key"):
        assert keys.verifies(party.key, statement, party.signature)
        assert not keys.verifies(party.key, statement + b" ", party.signature)
    entry = ledger.entries_of("agreement", made.pk)[-1]
    assert (entry.type, entry.public, len(entry.body["signatures"])) == ("agreement.signed", True, 2)
    assert entry.disclosures["statement"] == statement.decode()
    assert made.due_at == made.fund_by > made.signed_at


def test_two_who_both_find_everyone_s_signature_conclude_it_together() -> None:
    made = agreements.frozen(funding.awarded_demand())
    seen = [perform("sign", made, accounts.actor_for(who)) for who in (made.company, made.university)]
    assert [signing.conclude_if_all_signed(one).state for one in seen] == ["signed", "signed"]


def test_signatures_whose_conclusion_was_cut_short_are_concluded_by_the_clock() -> None:
    made = agreements.frozen(funding.awarded_demand())
    for who in (made.company, made.university):
        made = perform("sign", made, accounts.actor_for(who))
    demands.overdue(made)
    sweeping.sweep()
    made.refresh_from_db()
    assert made.state == "signed"


def test_an_organisation_signs_with_its_own_key_and_the_platform_never_holds_it() -> None:
    made = agreements.frozen(funding.awarded_demand())
    private, key = own_key(made.company)
    assert (key.custody, key.encrypted_private_key) == ("own", None)
    signed = agreements.sign(made, made.company, signature=by_hand(private, made), key=key.pk)
    party = signed.parties.get(organisation=made.company)
    assert (party.key_id, party.signed_by) == (key.pk, accounts.actor_for(made.company).person_id)


def test_a_signature_over_anything_else_or_by_anybody_else_is_refused() -> None:
    made = agreements.frozen(funding.awarded_demand())
    private, key = own_key(made.company)
    stranger, foreign = own_key(made.university)
    wrong = [
        private.sign(bytes(made.statement)).hex(),  # without the context it could be taken for something else
        private.sign(keys.CONTEXT + bytes(made.statement) + b"\n").hex(),
        by_hand(stranger, made),
        by_hand(private, made)[:-2],
        "not hex",
        "",
    ]
    for signature in wrong:
        with pytest.raises(errors.BadSignature):
            agreements.sign(made, made.company, signature=signature, key=key.pk)
    with pytest.raises(errors.NoSuchKey):
        agreements.sign(made, made.company, signature=by_hand(stranger, made), key=foreign.pk)
    assert not Party.objects.exclude(signature="").exists()


def test_a_party_signs_once_and_only_by_a_signatory_with_the_right_scope() -> None:
    made = agreements.frozen(funding.awarded_demand())
    company = accounts.actor_for(made.company)
    for weaker, refusal in (
        (replace(company, roles=frozenset({"manager"})), Forbidden),
        (replace(company, scopes=ALL_SCOPES - {"sign"}), MissingScope),
        (replace(company, verified=False), NotVerified),
    ):
        with pytest.raises(refusal):
            perform("sign", made, weaker)
    agreements.sign(made, made.company)
    with pytest.raises(errors.AlreadySigned):
        agreements.sign(made, made.company)


def test_a_revoked_key_signs_no_more_and_what_it_signed_still_verifies() -> None:
    made = agreements.frozen(funding.awarded_demand())
    company = accounts.actor_for(made.company)
    made = agreements.sign(made, made.company)
    party = made.parties.get(organisation=made.company)
    with pytest.raises(Forbidden):
        keys.key_revoke(key=party.key, actor=accounts.actor_for(made.university))
    keys.key_revoke(key=party.key, actor=company)
    assert keys.verifies(party.key, bytes(made.statement), party.signature)
    made = perform("reopen", made, company, reason="改条款")
    made = perform("freeze_text", made, company)
    with pytest.raises(errors.NoSuchKey):
        agreements.sign(made, made.company)


def test_a_key_in_the_platform_s_custody_is_labelled_and_stored_encrypted(settings: Any) -> None:
    made = agreements.frozen(funding.awarded_demand())
    key = made.company.party_keys.get()
    assert key.custody == "platform"
    signature = keys.sign_for(key, b"text")
    assert keys.verifies(key, b"text", signature)
    settings.PARTY_KEY_SECRET = "another deployment's secret"
    with pytest.raises(InvalidToken):
        keys.sign_for(key, b"text")
    entry = ledger.entries_of("key", key.pk)[0]
    assert entry.body == {"public_key": key.public_key, "custody": "platform"}


@pytest.mark.parametrize("text", ["00", "zz" * 32, "00" * 33, "公" * 32])
def test_what_is_not_a_public_key_is_not_registered(text: str) -> None:
    with pytest.raises(Invalid):
        keys.key_register(actor=accounts.actor_for(accounts.organisation("company")), public_key=text)


def test_a_public_key_belongs_to_one_organisation() -> None:
    _, key = own_key(accounts.organisation("company"))
    with pytest.raises(Conflict):
        keys.key_register(actor=accounts.actor_for(accounts.organisation("company")), public_key=key.public_key.upper())


def test_going_back_to_the_table_voids_the_signatures_given_so_far() -> None:
    made = agreements.frozen(funding.awarded_demand())
    first = bytes(made.statement)
    made = agreements.sign(made, made.company)
    with pytest.raises(Invalid):
        perform("reopen", made, accounts.actor_for(made.university), reason=" ")
    made = perform("reopen", made, accounts.actor_for(made.university), reason="改条款")
    assert (made.state, made.version, made.parties.exclude(signature="").count()) == ("negotiating", 2, 0)
    with pytest.raises(WrongState):
        agreements.sign(made, made.company)
    made = perform("freeze_text", made, accounts.actor_for(made.company))
    assert bytes(made.statement) != first


def test_an_agreement_that_is_not_signed_in_time_is_void() -> None:
    made = demands.overdue(agreements.frozen(funding.awarded_demand()))
    sweeping.sweep()
    made.refresh_from_db()
    assert made.state == "void"


@pytest.mark.parametrize("stage", [agreements.drawn, agreements.frozen])
def test_with_the_award_ends_the_agreement_that_nobody_concluded_and_another_can_be_drawn(stage: Any) -> None:
    claimed = funding.awarded_demand()
    made = stage(claimed)
    reopened = perform("reopen", demands.overdue(claimed), agreements.SYSTEM)
    made.refresh_from_db()
    assert (reopened.state, made.state) == ("open", "void")
    if stage is agreements.frozen:
        with pytest.raises(WrongState):
            agreements.sign(made, made.company)
    again = perform("claim", reopened, accounts.actor_for(made.university), team=made.bid.team)
    assert agreements.drawn(again).state == "negotiating"
