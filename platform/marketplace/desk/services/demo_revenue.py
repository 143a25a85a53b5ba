"""Later revenue in the demonstration: one period divided down the tiers, the next one under audit."""

import io
from datetime import date, timedelta

from marketplace.accounts.models import Organisation
from marketplace.agreements.models import Agreement, PartyRole, RevenueReport
from marketplace.agreements.services import auditing, reporting
from marketplace.common import clock, files
from marketplace.common.actor import Actor
from marketplace.common.models import StoredFile
from marketplace.desk.services.demo_people import Cast
from marketplace.workflow.performing import perform

DAYS = 30


def earn(cast: Cast, agreement: Agreement) -> None:
    """The period before last brought back costs and most of what funders may have; the last one waits for its audit."""
    actors = {actor.organisation_id: actor for actor in cast.parties.values()}
    company = actors[agreement.company_id]
    today = clock.now().date()
    most = agreement.campaign_fen * agreement.funders_cap_bp // 10_000
    first = _report(agreement, company, today - timedelta(days=2 * DAYS), shared=most // 2, costs=agreement.costs_cap_fen // 2)
    for auditor in _auditors(agreement):
        first = auditing.conclude_if_all_agree(perform("verify", first, actors[auditor.pk]))
    first = perform("pay_in", first, company)
    first = perform("approve", first, cast.staff["finance1"])
    perform("distribute", first, cast.staff["finance2"])

    second = _report(agreement, company, today - timedelta(days=DAYS), shared=most, costs=agreement.costs_cap_fen)
    perform("ask", second, actors[_auditors(agreement)[-1].pk], text="运费计入成本了吗？")
    perform("answer", second, company, question=second.questions.get().pk, text="未计入：成本为材料与试运行，见凭证第二栏。")


def _auditors(agreement: Agreement) -> list[Organisation]:
    """The team's institution first, then the funders."""
    parties = agreement.parties.exclude(role=PartyRole.COMPANY).select_related("organisation").order_by("-role", "id")
    return [party.organisation for party in parties]


def _report(agreement: Agreement, company: Actor, since: date, *, shared: int, costs: int) -> RevenueReport:
    content = f"期间起 from,收入（分）revenue,成本（分）costs\n{since.isoformat()},{2 * shared},{costs}\n".encode()

    def evidence() -> StoredFile:
        return files.store(
            owner_id=agreement.company_id,
            name=f"accounts-{since.isoformat()}.csv",
            stream=io.BytesIO(content),
            content_type="text/csv",
            purpose="revenue_evidence",
        )

    return reporting.revenue_report(
        agreement=agreement,
        actor=company,
        period_from=since,
        period_to=since + timedelta(days=DAYS - 1),
        revenue_fen=2 * shared,
        costs_fen=costs,
        shared_fen=shared,
        evidence=evidence,
    )
