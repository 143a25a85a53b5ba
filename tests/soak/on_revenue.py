"""Steps on later revenue, year by year: reported by the company, found right by team and funders, paid in, approved, divided by tiers."""

from datetime import date

from marketplace.agreements import errors
from marketplace.agreements.models import Agreement, Distribution, RevenueReport
from marketplace.agreements.services import auditing, reporting
from marketplace.common.errors import WrongState
from marketplace.funding.models import Payout
from marketplace.workflow.performing import perform
from tests.factories import agreements, funding
from tests.soak.exchange import Disagreement, Exchange
from tests.soak.model import PlainPayout, Reasons, refused
from tests.soak.plain_agreements import AUDIT, Division, PlainAgreement, PlainReport
from tests.soak.steps import step

SYSTEM = funding.SYSTEM
FIRST_YEAR = 2026
MOST_FEN = 300_000


@step(3)
def report_revenue(exchange: Exchange) -> bool | None:
    """A year not reported yet of an agreement in force or fulfilled; now and then a reported one, or costs that nobody agreed to."""
    one = exchange.mostly(exchange.agreements, lambda one: one.state in ("active", "completed") and len(one.told) <= one.years)
    if one is None:
        return False
    years = range(FIRST_YEAR, FIRST_YEAR + 20)
    year = exchange.chance.choice(sorted(one.told)) if one.told and exchange.likely(0.1) else min(set(years) - one.told)
    fen = exchange.chance.randint(1, MOST_FEN)
    costs = exchange.chance.randint(1, MOST_FEN) if exchange.likely(0.3 if one.costs_cap else 0.05) else 0
    against: Reasons = set() if one.state in ("active", "completed") else {errors.RevenueTooEarly}
    if year in one.told:
        against.add(errors.PeriodReported)
    if costs and not one.costs_cap:
        against.add(errors.CostsNotAgreed)
    who = exchange.member(one.company)

    def act() -> RevenueReport:
        return reporting.revenue_report(
            agreement=Agreement.objects.get(pk=one.row.pk),
            actor=who.actor,
            period_from=date(year, 1, 1),
            period_to=date(year, 12, 31),
            revenue_fen=fen,
            shared_fen=fen,
            costs_fen=costs,
            evidence=lambda: agreements.evidence(who.organisation),
        )

    row = exchange.ask(
        f"{one.company} reports {fen} of {year} on campaign {one.campaign.number}, costs {costs}",
        act,
        against=against,
        leaves="reported",
        at_once=exchange.likely(0.2),
        again=[errors.PeriodReported],
    )
    if row is not None:
        one.reports.append(PlainReport(row, one, year, fen, costs, exchange.now + AUDIT))
    return None


def _report(exchange: Exchange, *states: str) -> PlainReport | None:
    """Mostly one in one of these states, of whatever agreement."""
    return exchange.mostly((report for one in exchange.agreements for report in one.reports), lambda report: report.state in states)


def _words(report: PlainReport, words: str) -> str:
    return f"the revenue of {report.year} on campaign {report.agreement.campaign.number} is {words}"


@step(8)
def find_revenue_right(exchange: Exchange) -> bool | None:
    """Team and funders, each once and in time; the last of them ends the audit."""
    report = _report(exchange, "reported")
    if report is None:
        return False
    auditors = report.agreement.parties[1:]
    silent = [name for name in auditors if name not in report.reviewed]
    name = exchange.chance.choice(silent if silent and exchange.likely(0.9) else auditors)
    against: Reasons = set() if report.state == "reported" else {WrongState}
    if not against and report.until <= exchange.now:
        against.add(errors.AuditOver)
    if not against and name in report.reviewed:
        against.add(errors.AlreadyReviewed)
    is_last = silent == [name]
    done = exchange.ask(
        _words(report, f"right for {name}"),
        lambda: auditing.conclude_if_all_agree(perform("verify", report.row, exchange.member(name).actor)),
        against=against,
        leaves="verified" if is_last else "reported",
        at_once=exchange.likely(0.1),
        again=[errors.AlreadyReviewed, WrongState],
    )
    if done is not None:
        report.reviewed.add(name)
        report.state = "verified" if is_last else "reported"
    return None


def _move(
    exchange: Exchange, report: PlainReport, action: str, against: Reasons, leaves: str, *, who: str = "", officer: int | None = None
) -> bool:
    """One move of a party's, of an officer's, or of the system's; three at once now and then."""
    actor = exchange.member(who).actor if who else SYSTEM if officer is None else exchange.officers[officer]
    data = {"reason": "soak"} if action in ("contest", "withdraw") else {}
    done = exchange.ask(
        _words(report, f"to {action}"),
        lambda: perform(action, report.row, actor, **data),
        against=against,
        leaves=leaves,
        at_once=exchange.likely(0.2),
        again=[WrongState],
    )
    if done is not None:
        report.state = leaves
    return done is not None


@step(1)
def contest_a_report(exchange: Exchange) -> bool | None:
    """By the team or a funder, in time; nobody finds it right, and nothing is paid in, until that party calls it settled."""
    report = _report(exchange, "reported")
    if report is None:
        return False
    against: Reasons = set() if report.state == "reported" else {WrongState}
    if not against and report.until <= exchange.now:
        against.add(errors.AuditOver)
    name = exchange.chance.choice(report.agreement.parties[1:])
    if _move(exchange, report, "contest", against, "contested", who=name):
        report.contested_by = name
        report.objections += 1
    return None


@step(2)
def settle_an_objection(exchange: Exchange) -> bool | None:
    """Mostly by whoever contests; the audit has its whole time again from here, and who found it right has found it right."""
    report = _report(exchange, "contested")
    if report is None:
        return False
    auditors = report.agreement.parties[1:]
    name = report.contested_by if report.contested_by and exchange.likely(0.8) else exchange.chance.choice(auditors)
    against: Reasons = set() if report.state == "contested" else {WrongState}
    if not against and name != report.contested_by:
        against.add(errors.NotContester)
    if _move(exchange, report, "settle", against, "reported", who=name):
        report.contested_by, report.until = "", max(report.until, exchange.now + AUDIT)
    return None


@step(2)
def let_an_audit_end(exchange: Exchange) -> bool | None:
    report = _report(exchange, "reported")
    if report is None:
        return False
    against: Reasons = set() if report.state == "reported" else {WrongState}
    if not against and report.until > exchange.now:
        against.add(errors.AuditNotOver)
    _move(exchange, report, "conclude", against, "verified")
    return None


@step(0.3)
def take_a_report_back(exchange: Exchange) -> bool | None:
    """Contested or not; the year can then be reported anew."""
    report = _report(exchange, "reported", "contested")
    if report is None:
        return False
    against: Reasons = set() if report.state in ("reported", "contested") else {WrongState}
    _move(exchange, report, "withdraw", against, "rejected", who=report.agreement.company)
    return None


@step(4)
def pay_revenue_in(exchange: Exchange) -> bool | None:
    report = _report(exchange, "verified")
    if report is None:
        return False
    one = report.agreement
    against: Reasons = {WrongState} if report.state != "verified" else refused(exchange.books.move(one.company, one.revenue, report.shared))
    _move(exchange, report, "pay_in", against, "paid_in", who=one.company)
    return None


@step(3)
def approve_a_division(exchange: Exchange) -> bool | None:
    report = _report(exchange, "paid_in")
    if report is None:
        return False
    officer = exchange.chance.randrange(len(exchange.officers))
    against: Reasons = set() if report.state == "paid_in" else {WrongState}
    if _move(exchange, report, "approve", against, "approved", officer=officer):
        report.approved_by = officer
    return None


@step(4)
def divide_revenue(exchange: Exchange) -> bool | None:
    """By another officer: costs, then pledges up to their caps, then inventors and institution, over all years to the fen."""
    report = _report(exchange, "approved")
    if report is None:
        return False
    officer = exchange.chance.randrange(len(exchange.officers))
    against: Reasons = set() if report.state == "approved" else {WrongState}
    if not against and officer == report.approved_by:
        against.add(errors.SameApprover)
    if _move(exchange, report, "distribute", against, "distributed", officer=officer):
        _divided(exchange, report.agreement, report)
    return None


def _divided(exchange: Exchange, one: PlainAgreement, report: PlainReport) -> None:
    parts, number = one.divide(report), int(one.team.split()[1])
    _compare_lines(report, parts)
    if parts.costs:
        exchange.books.move(one.revenue, one.company, parts.costs)
    for pledge, fen in parts.pledges.items():
        if fen:
            exchange.books.move(one.revenue, f"funder {pledge.funder}", fen)
    payable = sum(parts.rest.values())
    if payable:
        exchange.books.move(one.revenue, f"payable {number}", payable)
        row = Payout.objects.get(purpose_kind="revenue", purpose_id=report.row.pk)
        exchange.payouts.append(PlainPayout(row, number, payable))


def _compare_lines(report: PlainReport, parts: Division) -> None:
    """Who has how much, each funder's by its pledge: the purses alone do not tell the inventors' part from their institution's."""
    ours = {("company", None): parts.costs, **{("funder", pledge.row.pk): fen for pledge, fen in parts.pledges.items()}}
    ours |= {(share, None): fen for share, fen in parts.rest.items()}
    ours = {name: fen for name, fen in ours.items() if fen}
    rows = Distribution.objects.filter(report=report.row.pk).values_list("role", "pledge", "fen")
    found = {(role, pledge): fen for role, pledge, fen in rows}
    if found != ours:
        raise Disagreement(f"the model divides {report.shared} fen into {ours}, the exchange into {found}")
