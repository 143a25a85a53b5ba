"""What certificates of an agreement print and hold: its parts, the parties with their keys, amounts by milestone, the very text."""

from collections import Counter
from collections.abc import Sequence
from uuid import UUID

from django.utils import timezone

from marketplace.agreements.models import Agreement, KeyCustody, Party
from marketplace.agreements.permissions import may_read_body
from marketplace.agreements.selectors import agreement_for
from marketplace.agreements.services.document import parties_in_order
from marketplace.agreements.services.document_revenue import multiple, percent
from marketplace.agreements.workflow import AGREEMENT, MILESTONE, REVENUE
from marketplace.common.actor import Actor
from marketplace.common.money import yuan
from marketplace.common.text import bi
from marketplace.evidence.sources import Document, Fact, Part, Particulars, PartyLine, Source, Sum
from marketplace.funding.selectors import payouts_for
from marketplace.funding.workflow import PAYOUT
from marketplace.web.ledger_rows import words_of


def _particulars(agreement: Agreement) -> Particulars:
    shares = (agreement.inventor_share_ppm, agreement.unit_share_ppm, agreement.region_share_ppm)
    inventors, unit, region = (percent(ppm) for ppm in shares)
    costs, most = yuan(agreement.costs_cap_fen), multiple(agreement.funders_cap_bp)
    facts = [
        Fact(bi("合同类型", "Contract type"), lambda: agreement.contract_name),
        Fact(bi("版本与状态", "Version and state"), lambda: f"v{agreement.version} · {agreement.state_label}"),
        Fact(
            bi("后续收益依次分配", "Tiers of later revenue"),
            bi(
                f"一、归还企业成本，累计至多 {costs} 元；二、出资方，累计至多为其出资的 {most}；"
                f"三、其余：完成人 {inventors}，所在单位 {unit}，地区 {region}",
                f"1. The company's costs, at most CNY {costs} in all; 2. funders, each at most {most} of what it paid in; "
                f"3. the rest: inventors {inventors}, institution {unit}, region {region}",
            ),
        ),
    ]
    sums = [
        Sum(bi("总价款", "Price"), agreement.price_fen),
        Sum(bi("其中企业出资", "of which the company's"), agreement.company_fen),
        Sum(bi("其中募资项目出资", "of which the campaign's"), agreement.campaign_fen),
        *(
            Sum(
                bi(f"里程碑 M{m.ordinal}：{m.title_zh or m.title_en}", f"Milestone M{m.ordinal}: {m.title_en or m.title_zh}"),
                m.fen,
                bi(f"自开始起 {m.days} 天；服务费 {yuan(m.fee_fen)} 元", f"{m.days} days from its start; fee CNY {yuan(m.fee_fen)}"),
            )
            for m in agreement.milestones.order_by("ordinal")
        ),
    ]
    return Particulars(facts=facts, parties=[_party(one) for one in parties_in_order(agreement)], sums=sums)


def _party(party: Party) -> PartyLine:
    who, key = party.organisation, party.key
    return PartyLine(
        role=party.role_label,
        name=who.name_zh or who.name_en,
        credit_code=who.uscc,
        public_key=key.public_key if key else "",
        custody=KeyCustody(key.custody).label if key else "",
        signature=party.signature,
        signed_at=f"{timezone.localtime(party.signed_at):%Y-%m-%d %H:%M:%S} (UTC+8)" if party.signed_at else "",
    )


def _documents(agreement: Agreement, actor: Actor) -> Sequence[Document]:
    """The text once its hash is on the ledger, what was last delivered for each milestone, and the evidence of each revenue report.

    For whoever may read the text.
    """
    if not may_read_body(actor, agreement):
        return ()
    text = agreement.document.encode()
    written = [Document("agreement.txt", agreement.document_sha256, len(text), lambda: text)] if agreement.document_sha256 else []
    milestones = agreement.milestones.select_related("deliverable").order_by("ordinal")
    reports = agreement.revenue_reports.select_related("evidence").order_by("id")
    files = [(f"M{one.ordinal}", one.deliverable) for one in milestones]
    files += [(f"R{number}", one.evidence) for number, one in enumerate(reports, 1)]
    return [*written, *(Document.kept(file, f"{name} {file.name}") for name, file in files if file and file.erased_at is None)]


def _parts(agreement: Agreement, actor: Actor) -> Sequence[Part]:
    """Milestones and revenue reports, and the payouts that came of them as far as the actor may see those.

    All are told by numbers: a reference or a period is committed to, and whoever asks may keep it back.
    """
    parts, purposes, counted = [], {}, Counter[UUID]()
    for milestone in agreement.milestones.order_by("ordinal"):
        name = f"M{milestone.ordinal}"
        purposes[milestone.pk] = (f"里程碑 {name}", f"milestone {name}")
        parts.append(Part(MILESTONE.name, milestone.pk, bi(f"里程碑 {name}", f"Milestone {name}")))
    for number, report in enumerate(agreement.revenue_reports.order_by("id"), 1):
        purposes[report.pk] = (f"收益申报 {number}", f"revenue report {number}")
        parts.append(Part(REVENUE.name, report.pk, bi(f"收益申报 {number}", f"Revenue report {number}")))
    for payout in payouts_for(actor).filter(purpose_id__in=purposes).order_by("id"):
        counted[payout.purpose_id] += 1
        (zh, en), number = purposes[payout.purpose_id], counted[payout.purpose_id]
        parts.append(Part(PAYOUT.name, payout.pk, bi(f"{zh}的划付 {number}", f"Payout {number} of {en}")))
    return parts


SOURCE = Source(
    kind=AGREEMENT.name,
    label=AGREEMENT.label,
    find=agreement_for,
    title=lambda agreement: agreement.title,
    home=lambda agreement: f"/agreements/{agreement.pk}/",
    words=lambda: {
        **{event: words for machine in (AGREEMENT, MILESTONE, REVENUE, PAYOUT) for event, words in words_of(machine).items()},
        "ledger.erased": bi("内容已删除", "Contents erased"),
    },
    particulars=_particulars,
    documents=_documents,
    parts=_parts,
    for_staff=frozenset({"payment_order", "statement_line"}),
)
