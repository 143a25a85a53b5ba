"""One small world with somebody in every role and something in every state that matters, made by the real moves.

Every confidential field and every sealed offer holds a word of its own, so that a leak names its source.
"""

from dataclasses import dataclass, field
from datetime import timedelta
from http.cookies import SimpleCookie
from io import BytesIO
from typing import Any

from django.test import Client
from django.test.client import ClientHandler

from marketplace.accounts.models import Membership, Organisation, Person
from marketplace.accounts.services import membering
from marketplace.agreements.models import Agreement
from marketplace.agreements.services import drawing
from marketplace.common import clock
from marketplace.common.actor import Actor
from marketplace.common.ids import uuid7
from marketplace.demands.models import Bid, Demand
from marketplace.demands.services import asking, bidding, drafting, judging
from marketplace.evidence.services import depositing
from marketplace.funding.models import Payout
from marketplace.funding.services.paying_out import payout_request
from marketplace.treasury.services import accounts as books
from marketplace.treasury.services import decisions, statements, topups
from marketplace.workflow.performing import perform
from tests.factories import accounts, agreements, catalogue, evidence, funding, import_files, interests, mixes, notices, pools, talks
from tests.factories.treasury import funded_wallet, mapping, pay, previewed, statement_csv

SYSTEM = Actor.system()
REGION, ELSEWHERE = "110108", "130100"
ANYONE = "anonymous"
NUMBER = "JQ-0000-0000-0000-0001"
SHARES = {"inventor_share_ppm": 400_000, "unit_share_ppm": 600_000}
DRAWN = {"contract_type": "development.commissioned", "terms_zh": "canary-agreement-terms", **SHARES}
MILESTONES = [
    {"title_zh": "样件", "title_en": "", "days": 60, "share_bp": 4_000},
    {"title_zh": "试运行", "title_en": "", "days": 90, "share_bp": 6_000},
]


@dataclass
class World:
    """Who there is by role, which organisation each acts for, the objects by name, and the secrets with their rightful readers.

    `alone` is an expert in their own name, who can sign in as `expert` and is asked beside the roles.
    """

    people: dict[str, Person] = field(default_factory=dict)
    alone: Person | None = None
    organisations: dict[str, Organisation] = field(default_factory=dict)
    token: str = ""
    objects: dict[str, Any] = field(default_factory=dict)
    secrets: dict[str, frozenset[str]] = field(default_factory=dict)
    sessions: dict[str, SimpleCookie] = field(default_factory=dict)
    site: ClientHandler = field(default_factory=lambda: ClientHandler(enforce_csrf_checks=False))

    @property
    def roles(self) -> list[str]:
        return [ANYONE, *self.people, "key"]

    def client(self, role: str) -> Client:
        """A client that speaks for the role, faults as answers; all ask one site, which is not made anew for each."""
        headers = {"Authorization": f"Bearer {self.token}"} if role == "key" else None
        client = Client(raise_request_exception=False, headers=headers)
        client.handler = self.site
        client.cookies = SimpleCookie({name: morsel.value for name, morsel in self.sessions.get(role, {}).items()})
        return client

    def sign_in(self) -> None:
        """One session for each person, so that asking is cheap."""
        for role, person in [*self.people.items(), ("expert", self.alone)]:
            client = Client()
            client.force_login(person)
            self.sessions[role] = client.cookies

    def actor(self, role: str) -> Actor:
        return accounts.actor_for(self.organisations[role])


def build() -> World:
    """Everyone and everything, inside the caller's transaction."""
    world = World()
    _people(world)
    _supply(world)
    _demands(world)
    _funding(world)
    _agreements(world)
    _small_things(world)
    world.sign_in()
    return world


def _people(world: World) -> None:
    kinds = {
        "unverified": "company",
        "stranger": "company",
        "company": "company",
        "bidder": "university",
        "winner": "university",
        "funder": "funder",
        "stranger_funder": "funder",
    }
    for role, kind in kinds.items():
        home = accounts.organisation(kind, verified=role != "unverified", name_zh=f"世界{role}")
        world.organisations[role] = home
        world.people[role] = Membership.objects.get(organisation=home).person
    for office in ("reviewer", "finance", "auditor", "security", "admin"):
        world.people[office] = accounts.staff(office)
    world.people["reviewer_elsewhere"] = accounts.staff("reviewer", region=ELSEWHERE)
    company = world.organisations["company"]
    made, world.token = accounts.api_key(company, scopes=("read",))
    world.objects["api_key"] = made
    world.objects["organisation.verified"], world.objects["organisation.unverified"] = company, world.organisations["unverified"]


def _supply(world: World) -> None:
    winner, bidder = world.organisations["winner"], world.organisations["bidder"]
    world.objects |= {
        "team.published": catalogue.team(winner),
        "team.draft": catalogue.team(winner, published=False, name_zh="canary-team-draft"),
        "team.bidder": catalogue.team(bidder),
        "achievement.published": catalogue.achievement(winner, ipr_status="granted"),
        "achievement.draft": catalogue.achievement(winner, published=False, title_zh="canary-achievement-draft"),
        "expert.published": catalogue.expert(winner),
        "expert.draft": catalogue.expert(winner, published=False, summary_zh="canary-expert-draft"),
    }
    # On the register, and nobody's member any more: acts in their own name.
    world.alone = catalogue.expert(winner).person
    membering.remove(actor=Actor(person_id=world.alone.pk, organisation_id=winner.pk), person_id=world.alone.pk)


def _demand(world: World, name: str, *, mode: str = "challenge", until: str = "open", price: int = 1_000_000) -> Demand:
    company = world.actor("company")
    secret = {
        "details_zh": f"canary-{name}-details-zh",
        "details_en": f"canary-{name}-details-en",
        "contact_name": f"canary-{name}-contact",
        "contact_phone": f"canary-{name}-tel",
        "contact_email": f"canary-{name}-mail@example.org",
    }
    fields = {
        "mode": mode,
        "ref": f"canary-{name}-ref",
        "title_zh": f"canary-{name}-title" if until == "draft" else f"低温钠离子电池{name}",
        "text_zh": "零下二十度的容量保持率。",
        "acceptance_zh": "第三方检测报告。",
        "industry_code": "38",
        "region_code": REGION,
        "readiness_wanted": 6,
        "budget_min_fen": price,
        "budget_max_fen": price,
        "deadline": clock.now() + timedelta(days=30),
        **secret,
    }
    demand = drafting.demand_create(actor=company, region_code=REGION, fields=fields)
    readers = {"company", "key", "reviewer", "admin"} | ({"winner"} if mode == "claim" and until == "claimed" else set())
    world.secrets |= dict.fromkeys(secret.values(), frozenset(readers))
    world.secrets[fields["ref"]] = frozenset({"company", "key", "reviewer", "admin", "auditor"})
    if until == "draft":
        world.secrets[fields["title_zh"]] = frozenset({"company", "key", "reviewer", "admin", "auditor"})
        return demand
    demand = perform("approve", perform("submit", demand, company), accounts.staff_actor("reviewer"))
    demand = perform("publish", demand, company)
    if until == "claimed":
        demand = perform("claim", demand, world.actor("winner"), team=world.objects["team.published"])
    return demand


def _bid(world: World, demand: Demand, role: str, name: str, *, opened: bool) -> Bid:
    team = world.objects["team.published" if role == "winner" else "team.bidder"]
    offer = {"price_fen": 987_654_321, "plan_zh": f"canary-{name}-plan", "plan_en": "", "milestones": MILESTONES}
    bid, sealed = bidding.bid_submit(demand=demand, team=team, actor=world.actor(role), offer=offer)
    readers = {role, "company", "key", "reviewer", "admin", "auditor"} if opened else set()
    world.secrets[offer["plan_zh"]] = frozenset(readers)
    world.secrets[sealed.salt] = frozenset()
    world.objects[name] = bid
    if opened:
        world.objects[f"{name}.reveal"] = (bidding.checked_offer(offer), sealed.salt)
    return bid


def _demands(world: World) -> None:
    world.objects["demand.draft"] = _demand(world, "draft", until="draft")
    world.objects["demand.open"] = opened = _demand(world, "open")
    _bid(world, opened, "bidder", "bid.sealed", opened=False)
    world.objects["question"] = asking.question_ask(demand=opened, actor=world.actor("bidder"), text="可以现场踏勘吗？")
    pair = {"demand": opened, "supply": world.objects["achievement.published"]}
    world.objects["judgement"] = judging.match_judge(**pair, actor=world.actor("company"), useful=True)
    mixes.in_the_world(accounts.staff_actor("admin"))
    evaluating = _demand(world, "evaluating")
    for role in ("bidder", "winner"):
        _bid(world, evaluating, role, f"bid.{role}", opened=True)
    moment = accounts.a_moment_ago()
    Demand.objects.filter(pk=evaluating.pk).update(deadline=moment, due_at=moment)
    world.objects["demand.evaluating"] = perform("close", evaluating, SYSTEM)
    for role in ("bidder", "winner"):
        body, salt = world.objects.pop(f"bid.{role}.reveal")
        world.objects[f"bid.{role}"] = perform("reveal", world.objects[f"bid.{role}"], SYSTEM, body=body, salt=salt)
    world.objects["demand.awarded"] = _demand(world, "awarded", mode="claim", until="claimed")
    # What one may still claim, and what has been claimed and no more.
    world.objects["demand.claimable"] = _demand(world, "claimable", mode="claim")
    world.objects["demand.claimed"] = _demand(world, "claimed", mode="claim", until="claimed")


def _funding(world: World) -> None:
    funder = world.organisations["funder"]
    funded_wallet(400_000, funder.pk)
    funding.assessed(funder)
    invited = {"invited": [funder], "demand": world.objects["demand.awarded"]}
    world.objects["pool"] = pools.pool(funder, 10_000, name_zh="canary-pool")
    world.objects["campaign.open"] = campaign = funding.campaign(**invited, text_zh="canary-campaign-open")
    world.objects["pledge"] = funding.cooling(campaign, funder, 300_000)
    world.objects |= talks.talk(campaign, company=world.actor("company"), funder=world.actor("funder"))
    world.objects["bank_account"] = funding.bank_account(world.organisations["winner"])
    other = _demand(world, "second", mode="claim", until="claimed")
    world.objects["campaign.draft"] = funding.campaign([funder], demand=other, until="draft", text_zh="canary-campaign-draft")
    staff = {"reviewer", "finance", "auditor", "admin"}
    world.secrets["canary-pool"] = frozenset({"company", "key", "winner", "funder", *staff})
    seers = frozenset({"company", "key", "winner", "funder", *staff})
    world.secrets |= dict.fromkeys(("canary-campaign-open", *talks.CANARIES), seers)
    world.secrets["canary-campaign-draft"] = frozenset({"company", "key", "winner", *staff})


def _drawn(world: World, demand: Demand) -> Agreement:
    return drawing.agreement_draw(demand=demand, campaign=None, actor=world.actor("company"), terms=DRAWN)


def _agreements(world: World) -> None:
    world.secrets["canary-agreement-terms"] = frozenset({"company", "key", "winner", "reviewer", "admin"})
    world.objects["agreement.negotiating"] = _drawn(world, _demand(world, "third", mode="claim", until="claimed"))
    agreement = agreements.active(_demand(world, "fourth", mode="claim", until="claimed"), **DRAWN)
    world.objects |= {"agreement.active": agreement, "signing_key": agreement.parties.get(role="company").key}
    stored = agreements.deliverable(world.organisations["winner"], b"canary-deliverable-content")
    world.secrets["canary-deliverable-content"] = world.secrets["canary-agreement-terms"]
    milestone = perform("submit", agreement.milestones.get(ordinal=1), world.actor("winner"), file=stored, note="canary-delivery-note")
    world.secrets["canary-delivery-note"] = frozenset({"company", "key", "winner", "reviewer", "finance", "auditor", "admin"})
    world.objects["milestone"] = milestone
    shown, today = lambda: agreements.evidence(world.organisations["company"], b"canary-revenue-evidence"), clock.now().date()
    period: dict[str, Any] = {"period_from": today, "period_to": today, "revenue_fen": 2_000, "shared": 1_000}
    world.objects["revenue"] = agreements.reported(agreement, **period, evidence=shown, note="canary-revenue-note")
    world.secrets["canary-revenue-evidence"] = world.secrets["canary-agreement-terms"]
    world.secrets["canary-revenue-note"] = world.secrets["canary-delivery-note"]


def _small_things(world: World) -> None:
    finance = accounts.staff_actor("finance")
    topups.issue_reference(actor=world.actor("company"))
    line = "B1,2026-03-01T09:00:00,1200.00,in,canary-payer,6222,canary-reference"
    world.objects["statement"], _ = statements.import_statement(actor=finance, content=statement_csv(line), name="day.csv")
    world.objects["line"] = world.objects["statement"].lines.get()
    world.objects |= {"statement_import": previewed("B4,2026-03-01,1,in,canary-sender,,"), "statement_mapping": mapping()}
    second = statement_csv("B2,2026-03-01T09:00:00,7.00,in,canary-sender,6223,")
    stray = statements.import_statement(actor=finance, content=second, name="second.csv")[0].lines.get()
    world.objects["line_decision"] = decisions.propose(actor=finance, line_id=stray.pk, organisation_id=None)
    world.secrets |= dict.fromkeys(("canary-payer", "canary-sender", "canary-reference"), frozenset({"finance", "auditor"}))
    world.objects["payout"] = _payout(world)
    world.objects["payment_order"] = funding.payment_order()
    world.objects["import"] = import_files.send(
        import_files.jsonl(import_files.rows(1)), name="canary-import.jsonl", owner=world.organisations["winner"]
    )
    world.secrets["canary-import.jsonl"] = frozenset({"winner", "reviewer", "admin", "auditor"})
    world.objects["invitation"] = membering.invite(actor=world.actor("company"), email=world.people["stranger"].email, roles=["member"])
    world.objects["appointment"] = world.people["auditor"].appointments.get()
    told = {"home": world.organisations["company"], "demand": world.objects["demand.open"], "text": "canary-notice"}
    world.objects["notice"] = notices.of_publication(**told)
    world.secrets["canary-notice"] = frozenset({"company", "key"})
    world.objects |= interests.in_the_world(world.actor("company"), world.objects["achievement.published"])
    world.secrets |= dict.fromkeys(("canary-interest-name", "canary-interest-topic"), frozenset({"company", "key"}))
    _evidence(world)
    world.objects |= {"person": world.people["company"], "unknown": accounts.organisation("company")}


def _evidence(world: World) -> None:
    """A deposit whose file is kept, and a certificate of it."""
    company = world.actor("company")
    file = {"stream": BytesIO(b"canary-deposit-content"), "name": "canary-deposit.txt", "content_type": "text/plain"}
    world.objects["deposit.kept"] = deposit = depositing.deposit_make(actor=company, title="canary-deposit-title", keep=True, **file)
    canaries = ("canary-deposit-title", "canary-deposit-content", "canary-deposit.txt", deposit.sha256)
    world.secrets |= dict.fromkeys(canaries, frozenset({"company", "key"}))
    world.objects["certificate"] = evidence.unsigned_certificate(deposit, company, number=NUMBER)
    own = {"title": "canary-own-title", "stream": BytesIO(b"canary-own-content"), "name": "canary-own.txt", "keep": True}
    expert = Actor(person_id=world.alone and world.alone.pk)
    world.objects["deposit.own"] = depositing.deposit_make(actor=expert, content_type="text/plain", **own)
    world.secrets |= dict.fromkeys(("canary-own-title", "canary-own-content", "canary-own.txt"), frozenset())


def _payout(world: World) -> Payout:
    owner = world.organisations["winner"].pk
    pay(books.custody(), books.payable(owner), 98_000)
    return payout_request(organisation_id=owner, fen=98_000, purpose_kind="milestone", purpose_id=uuid7(), actor=SYSTEM)
