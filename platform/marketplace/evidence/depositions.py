"""How certificates of deposits are found, named and printed."""

from collections.abc import Sequence

from marketplace.accounts.models import Person
from marketplace.common.actor import Actor
from marketplace.common.text import bi
from marketplace.evidence.models import Deposit
from marketplace.evidence.selectors import deposit_for
from marketplace.evidence.services.depositing import KIND, MADE
from marketplace.evidence.sources import Document, Fact, Particulars, Source


def _particulars(deposit: Deposit) -> Particulars:
    facts = [
        Fact(bi("存证名称", "Title"), deposit.title, "title"),
        _depositor(deposit),
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


def _depositor(deposit: Deposit) -> Fact:
    """Whose deposit it is; a person's name is not on the ledger, and is gone once they are erased."""
    if (who := deposit.organisation) is not None:
        return Fact(bi("存证单位", "Depositor"), f"{who.name_zh or who.name_en}（{who.uscc}）", "depositor")
    name = Person.objects.filter(pk=deposit.person_id).values_list("name", flat=True).first()
    return Fact(bi("存证人（专家本人）", "Depositor, in their own name"), name or bi("已注销", "erased"), "person")


def _documents(deposit: Deposit, actor: Actor) -> Sequence[Document]:
    return (Document.kept(deposit.file),) if deposit.file is not None and deposit.is_kept else ()


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
