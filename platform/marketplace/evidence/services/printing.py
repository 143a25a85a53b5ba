"""The printed certificate: who and what, amounts in figures and capital numerals, the ledger entries, and what all this proves."""

from datetime import datetime
from typing import Any

from django.conf import settings
from django.utils import timezone
from reportlab.lib.units import mm
from reportlab.platypus import CondPageBreak, Flowable, KeepTogether, Spacer, Table

from ledger.app import selectors as log
from marketplace.common.money import capital, yuan
from marketplace.common.text import bi
from marketplace.evidence import standing
from marketplace.evidence.models import Certificate
from marketplace.evidence.services import paper, wording
from marketplace.evidence.services.certifying import Line, Offer
from marketplace.evidence.services.timestamping import first_above
from marketplace.evidence.sources import PartyLine, Sum

LONGEST_VALUE = 400


def public_page(certificate: Certificate) -> str:
    """The address that the QR code holds: what anybody may see of this certificate."""
    return f"{settings.SITE_URL.rstrip('/')}/certificates/{certificate.number}/"


def printed(certificate: Certificate, held: Offer) -> bytes:
    """The certificate as a PDF of A4 pages in Chinese and English; `held` is what its reader may see."""
    address = public_page(certificate)
    story: list[Flowable] = [_title(certificate, held, address), _identity(certificate, held)]
    if certificate.particulars:
        story += _particulars(held)
    story += _entries(held)
    story += _disclosed(certificate, held)
    story += _documents(held)
    story += _meaning()
    story += _verifying()
    return paper.document(
        story,
        title=f"存证证书 Certificate of evidence {certificate.number}",
        head="津桥 · 存证证书　Jinqiao · Certificate of evidence",
        number=certificate.number,
        foot=address,
    )


def _title(certificate: Certificate, held: Offer, address: str) -> Table:
    left = [
        paper.text("存证证书", 24, leading=1.25),
        paper.text("Certificate of evidence", 11, colour=paper.MUTED),
        Spacer(0, 3 * mm),
        paper.text(certificate.number, 13, colour=paper.BRAND),
        Spacer(0, 1 * mm),
        *paper.pair(lambda: " ".join(str(held.heading).split()), 10.5),
    ]
    side = 32 * mm
    right = [paper.qr(address, side), paper.text("扫码查验 Scan to check", 6.5, colour=paper.MUTED, alignment=1)]
    plain = [("VALIGN", (0, 0), (-1, -1), "TOP"), ("LEFTPADDING", (0, 0), (-1, -1), 0), ("RIGHTPADDING", (0, 0), (-1, -1), 0)]
    return Table([[left, right]], colWidths=[paper.WIDTH - side, side], style=plain)


def _identity(certificate: Certificate, held: Offer) -> Table:
    checkpoint = log.latest_checkpoint()
    hidden, named = held.hidden, str(certificate.object_id)
    rows: list[tuple[tuple[str, str], Any]] = [
        (("对象", "Object"), [*paper.pair(held.source.label), *([] if named in hidden else [paper.mono(named, 7)])]),
        (("签发时间", "Issued"), paper.text(moment(certificate.issued_at))),
        (("申请方", "Issued to"), paper.text(_asker(certificate, hidden))),
        (("账本", "Ledger"), paper.text(log.origin() or "")),
    ]
    if checkpoint is not None:
        at = moment(checkpoint.signed_at)
        told = bi(f"{checkpoint.size:,} 条记录，签于 {at}", f"{checkpoint.size:,} entries, signed {at}")
        rows.append((("检查点", "Checkpoint"), [*paper.pair(told), paper.mono(checkpoint.root.hex(), 7)]))
        rows.append((("账本公钥", "Key of the ledger"), paper.mono(checkpoint.vkey, 7)))
    last = max((line.row.seq for line in held.lines if line.row.seq is not None), default=None)
    if last is not None and (stamp := first_above(last)) is not None:
        at = moment(stamp.stamped_at)
        told = bi(f"{stamp.authority} 于 {at} 对 {stamp.size:,} 条记录的检查点", f"{stamp.authority}, {at}, over {stamp.size:,} entries")
        rows.append((("外部时间戳", "Outside time-stamp"), paper.pair(told)))
    return paper.facts(rows)


def _asker(certificate: Certificate, hidden: frozenset[str]) -> str:
    who = certificate.organisation
    if who is None and certificate.asked_as == standing.IN_OWN_NAME:
        return "专家本人 An expert, in their own name"
    if who is None:
        return f"平台人员 Platform staff（{certificate.asked_as}）"
    return "未披露 Not disclosed" if who.uscc in hidden else f"{who.name_zh or who.name_en}（{who.uscc}）"


def _particulars(held: Offer) -> list[Flowable]:
    said, withheld = held.source.particulars(held.obj), held.withheld
    facts = [(paper.twice(fact.name), paper.pair(fact.value)) for fact in said.facts if fact.label not in withheld]
    story: list[Flowable] = []
    if said.parties:
        story += [CondPageBreak(45 * mm), paper.heading("当事方与签名", "Parties and signatures"), _parties(said.parties)]
    if facts or said.sums:
        named = ("要项与金额", "Particulars and amounts") if said.sums else ("要项", "Particulars")
        story += [CondPageBreak(40 * mm), paper.heading(*named)]
    if facts:
        story.append(paper.facts(facts))
    if facts and said.sums:
        story.append(Spacer(0, 3 * mm))
    if said.sums:
        head = (("项目", "Item"), ("金额（元）", "Amount (CNY)"), ("大写", "In capital numerals"))
        story.append(paper.table(head, [_sum(one) for one in said.sums], (76, 32, 66)))
    return story


def _parties(parties: Any) -> Table:
    head = (("角色", "Role"), ("名称与统一社会信用代码", "Name and credit code"), ("公钥与签名（Ed25519）", "Public key and signature"))
    return paper.table(head, [_party(one) for one in parties], (26, 56, 92))


def _party(party: PartyLine) -> list[Any]:
    keys: list[Any] = [paper.text("未签署 Not signed", 8, colour=paper.MUTED)]
    if party.signature:
        custody_zh, custody_en = paper.twice(party.custody)
        keys = [
            paper.text(f"{custody_zh} {custody_en}，{party.signed_at}", 7.5, colour=paper.MUTED),
            paper.hexadecimal(party.public_key),
            paper.hexadecimal(party.signature),
        ]
    return [paper.pair(party.role, 8.5), [paper.text(party.name), paper.mono(party.credit_code, 7.5)], keys]


def _sum(one: Sum) -> list[Any]:
    note = paper.twice(one.note)
    name = paper.pair(one.name, 8.5)
    if any(note):
        name.append(paper.text(" ".join(note), 7, colour=paper.MUTED))
    return [name, paper.text(yuan(one.fen), alignment=2), paper.text(f"人民币{capital(one.fen)}", 8.5)]


def _entries(held: Offer) -> list[Flowable]:
    head = (("序号", "Seq"), ("事项", "Event"), ("时间", "Time"), ("叶哈希（SHA-256）", "Leaf hash"))
    rows = [
        [
            paper.text(f"#{line.row.seq:,}"),
            _event(line),
            paper.text(moment(line.row.at).replace(" ", "\n", 1), 7.5),
            paper.hexadecimal(line.row.leaf_hash or ""),
        ]
        for line in held.lines
    ]
    return [CondPageBreak(50 * mm), paper.heading("账本记录", "Ledger entries"), paper.table(head, rows, (15, 38, 29, 92))]


def _event(line: Line) -> list[Any]:
    part = paper.pair(line.part, 7) if line.part else []
    if not line.tells_event:
        return [*paper.pair(bi("已封存", "Sealed"), 8.5), *part]
    return [*paper.pair(line.words, 8.5), *part, paper.mono(line.row.type, 6)]


def _disclosed(certificate: Certificate, held: Offer) -> list[Flowable]:
    head = (("序号", "Seq"), ("字段", "Field"), ("内容", "Value"))
    rows = [_value(line, field.label, field.value) for line in held.lines for field in line.fields]
    withheld = paper.text(
        f"申请方选择不披露的字段：{certificate.withheld} 项。 Fields that the asker chose not to disclose: {certificate.withheld}.",
        7.5,
        colour=paper.MUTED,
    )
    if not rows:
        return [CondPageBreak(30 * mm), paper.heading("披露的内容", "What is disclosed"), withheld]
    return [CondPageBreak(50 * mm), paper.heading("披露的内容", "What is disclosed"), paper.table(head, rows, (15, 38, 121)), withheld]


def _value(line: Line, label: str, value: Any) -> list[Any]:
    told = wording.told(label, value, between="\n")
    if len(told) > LONGEST_VALUE:
        told = f"{told[:LONGEST_VALUE]}…（全文见证据文件 the whole is in the evidence file）"
    return [
        paper.text(f"#{line.row.seq:,}", 8.5),
        [*paper.pair(wording.field_words(label), 8), paper.mono(label, 6)],
        paper.text(told or "—", 8),
    ]


def _documents(held: Offer) -> list[Flowable]:
    if not held.documents and not held.left_out:
        return []
    rows = [[paper.text(one.name), paper.mono(one.path.partition("/")[2], 6.7)] for one in held.documents]
    beyond = bi("未附：合计过大。以此哈希为准", "Not enclosed, too large together; known by this hash")
    rows += [[paper.text(one.name), [paper.mono(one.sha256, 6.7), *paper.pair(beyond, 7)]] for one in held.left_out]
    head = (("文件", "File"), ("证据文件中的名称（即 SHA-256）", "Its name in the evidence file, which is its SHA-256"))
    return [CondPageBreak(30 * mm), paper.heading("所附文件", "Documents in the evidence file"), paper.table(head, rows, (60, 114))]


def _meaning() -> list[Flowable]:
    boxes = [[_box(*wording.PROVED), _box(*wording.NOT_PROVED)]]
    half = paper.WIDTH / 2
    shape = [("VALIGN", (0, 0), (-1, -1), "TOP"), ("BACKGROUND", (0, 0), (-1, -1), paper.WELL), ("INNERGRID", (0, 0), (-1, -1), 6, "white")]
    return [
        CondPageBreak(80 * mm),
        paper.heading("能证明什么，不能证明什么", "What is proved, and what is not"),
        Spacer(0, 2 * mm),
        Table(boxes, colWidths=[half, half], style=shape),
    ]


def _box(title: wording.Said, points: tuple[wording.Said, ...]) -> list[Flowable]:
    parts: list[Flowable] = [*_both(title, 10)]
    for point in points:
        parts += [Spacer(0, 1.6 * mm), *_both(point, 8)]
    return parts


def _both(said: wording.Said, size: float) -> list[Flowable]:
    return [paper.text(said[0], size), paper.text(said[1], size - 1.2, colour=paper.MUTED, leading=1.35)]


def _verifying() -> list[Flowable]:
    parts: list[Flowable] = [paper.heading("如何核验", "How to check")]
    for step in wording.STEPS:
        parts += [Spacer(0, 1.2 * mm), *_both(step, 8.5)]
    return [KeepTogether([*parts, Spacer(0, 2 * mm), paper.mono(wording.COMMAND, 8.5)])]


def moment(at: datetime) -> str:
    """A time as people in China read it, with its zone said."""
    return f"{timezone.localtime(at):%Y-%m-%d %H:%M:%S} (UTC+8)"
