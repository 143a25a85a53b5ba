"""How certificates of deposits are found, named and printed."""

from collections.abc import Sequence

from marketplace.common import files
from marketplace.common.actor import Actor
from marketplace.common.text import bi
from marketplace.evidence.models import Deposit
from marketplace.evidence.selectors import deposit_for
from marketplace.evidence.services.depositing import KIND, MADE
from marketplace.evidence.sources import Document, Fact, Particulars, Source


def _particulars(deposit: Deposit) -> Particulars:
    who = deposit.organisation
    facts = [
        Fact(bi("存证名称", "Title"), deposit.title, "title"),
        Fact(bi("存证单位", "Depositor"), f"{who.name_zh or who.name_en}（{who.uscc}）", "depositor"),
        Fact(bi("文件 SHA-256", "SHA-256 of the file"), deposit.sha256, "sha256"),
    ]
    if deposit.size is not None:
        facts.append(Fact(bi("文件大小", "Size of the file"), bi(f"{deposit.size:,} 字节", f"{deposit.size:,} bytes"), "size"))
    kept = bi("由平台保存，随证据文件提供", "Kept by the platform; in the evidence file")
    facts.append(
        Fact(
            bi("原件", "The file itself"),
            kept if deposit.is_kept else bi("未交平台，由存证单位自行保管", "Never kept here: the depositor has it"),
        )
    )
    return Particulars(facts=facts)


def _documents(deposit: Deposit, actor: Actor) -> Sequence[Document]:
    if deposit.file is None or not deposit.is_kept:
        return ()
    stored = deposit.file

    def read() -> bytes:
        with files.open_file(stored) as content:
            whole: bytes = content.read()
            return whole

    return (Document(stored.name, stored.sha256, read),)


SOURCE = Source(
    kind=KIND,
    label=bi("存证", "Deposit of a hash"),
    find=deposit_for,
    title=lambda deposit: deposit.title,
    home=lambda deposit: f"/deposits/{deposit.pk}/",
    words=lambda: {MADE: bi("存证", "Deposited"), "ledger.erased": bi("内容已删除", "Contents erased")},
    particulars=_particulars,
    documents=_documents,
)
