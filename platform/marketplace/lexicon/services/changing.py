"""Adding, changing and withdrawing names: by an administrator, with a reason, as a version that the ledger records."""

from collections.abc import Callable, Sequence
from typing import Any
from uuid import UUID, uuid5

from django.db import transaction

from ledger.app import services as ledger
from marketplace.accounts.models import StaffRole
from marketplace.accounts.permissions import demand_office
from marketplace.common import clock
from marketplace.common.actor import Actor
from marketplace.common.errors import Conflict, Forbidden, Invalid, LimitReached, MissingScope, NotFound
from marketplace.common.ids import uuid7
from marketplace.common.text import bi
from matching.app.services import naming
from matching.app.services.naming import Version
from matching.engine import concepts
from matching.engine.lexicon import Concept

LONGEST_REASON = 300
MOST_BYTES = 2_000_000
# The table is one thing for ever: its entries on the ledger are found under this id.
TABLE_ID = uuid5(UUID("2c5e1df0-7f6b-5a3e-8c1d-0b9a4e6d7f21"), "table")
_WORDS: dict[str, tuple[str, str]] = {
    "chinese_missing": ("至少写一个中文名称。", "Give at least one Chinese name."),
    "english_missing": ("至少写一个英文名称。", "Give at least one English name."),
    "too_many": (f"每种语言最多 {concepts.MOST_NAMES} 个名称。", f"At most {concepts.MOST_NAMES} names in each language."),
    "too_long": (f"名称不能超过 {concepts.LONGEST} 个字符：", f"A name has at most {concepts.LONGEST} characters: "),
    "unwritable": ("名称不能含有竖线或控制字符：", "A name holds no bar and no control character: "),
    "not_chinese": ("中文名称里须有汉字：", "A Chinese name holds a Chinese character: "),
    "not_english": (
        "英文名称须有一个有意义的词，且不含汉字：",
        "An English name holds a word that says something, and no Chinese character: ",
    ),
    "not_utf8": ("文件不是 UTF-8 编码。", "The file is not UTF-8."),
    "headings": ("第一行须为 chinese,english。", "The first line must be chinese,english."),
    "columns": ("须为两列：中文名称、英文名称，名称之间用竖线分开。", "Two columns are needed: Chinese and English names, parted by bars."),
    "twice": ("同一个首要中文名称出现了两次：", "The same first Chinese name stands twice: "),
}


class NameTaken(Conflict):
    code = "name_taken"
    title = bi("表中已有以此为首要中文名称的条目：请修改那一条", "An entry is known by this first Chinese name already: change that one")


class NothingChanged(Conflict):
    code = "nothing_changed"
    title = bi("与现行词表没有差别", "The table says this already")


class TableFull(LimitReached):
    code = "table_full"
    title = bi(f"词表最多 {naming.MOST_CONCEPTS} 条", f"The table holds at most {naming.MOST_CONCEPTS} entries")


def concept_add(*, actor: Actor, chinese: Sequence[str], english: Sequence[str], reason: str) -> UUID:
    """Add an entry, in force with the next query anybody makes; return its id.

    Raises Forbidden for anyone but an administrator of the whole platform, Invalid for what is no name or without a reason, NameTaken,
    TableFull.
    """
    made = _checked(actor, chinese, english)
    _change(actor, reason, lambda **why: naming.add_concept(made, **why))
    return naming.concept_id(made)


def concept_change(*, actor: Actor, concept_id: UUID, chinese: Sequence[str], english: Sequence[str], reason: str) -> UUID:
    """Give an entry other names; its id follows its first Chinese name. Raises as `concept_add`, NotFound, and NothingChanged."""
    made = _checked(actor, chinese, english)
    _change(actor, reason, lambda **why: naming.change_concept(concept_id, made, **why))
    return naming.concept_id(made)


def concept_withdraw(*, actor: Actor, concept_id: UUID, reason: str) -> None:
    """Take an entry out; earlier versions of the table keep it. Raises Forbidden, Invalid without a reason, NotFound."""
    _change(actor, reason, lambda **why: naming.withdraw_concept(concept_id, **why))


def table_load(*, actor: Actor, content: bytes, reason: str) -> Version:
    """Add the entries of a file, each in place of the one with its first Chinese name; what the file does not name stays.

    All or nothing. Raises as `concept_add`, Invalid with the line that is wrong, and NothingChanged.
    """
    require_administrator(actor)
    if len(content) > MOST_BYTES:
        raise Invalid(fields={"file": [bi("文件超过 2 MB。", "The file is larger than 2 MB.")]})
    try:
        read = concepts.read(content)
    except concepts.Unfit as fault:
        raise _refusal(fault, "file") from fault
    return _change(actor, reason, lambda **why: naming.load_concepts(read, **why))


def require_administrator(actor: Actor) -> None:
    """Refuse anyone but an administrator of the whole platform, and a key that may only read."""
    demand_office(actor, StaffRole.ADMIN)
    if actor.staff_region:
        raise Forbidden(
            bi("词表对各地通用，由全平台管理员维护。", "The table is the same everywhere: administrators of one region do not change it.")
        )
    if "write" not in actor.scopes:
        raise MissingScope


def _checked(actor: Actor, chinese: Sequence[str], english: Sequence[str]) -> Concept:
    require_administrator(actor)
    try:
        return concepts.concept(chinese, english)
    except concepts.Unfit as fault:
        raise _refusal(fault, fault.side) from fault


def _refusal(fault: concepts.Unfit, field: str) -> Invalid:
    zh, en = _WORDS[fault.code]
    if fault.line:
        zh, en = f"第 {fault.line} 行：{zh}", f"Line {fault.line}: {en}"
    return Invalid(fields={field: [bi(f"{zh}{fault.name}", f"{en}{fault.name}")]})


def _change(actor: Actor, reason: str, change: Callable[..., list[Version]]) -> Version:
    require_administrator(actor)
    reason = " ".join(reason.split())
    if not 0 < len(reason) <= LONGEST_REASON:
        text = bi(f"请写明理由，不超过 {LONGEST_REASON} 字。", f"Give a reason of at most {LONGEST_REASON} characters.")
        raise Invalid(fields={"reason": [text]})
    with transaction.atomic():
        try:
            made = change(reason=reason, by=actor.person_id, at=clock.now())
        except naming.NameTaken as taken:
            raise NameTaken(fields={"chinese": [NameTaken.title]}) from taken
        except naming.UnknownConcept as unknown:
            raise NotFound from unknown
        except naming.TableFull as full:
            raise TableFull from full
        if not made:
            raise NothingChanged
        for version in made:
            _on_record(version, actor)
    return made[-1]


def _on_record(version: Version, actor: Actor) -> None:
    """Every version is on the public log by its hash; the person only as a commitment, and so the reason."""
    ledger.record(
        id=uuid7(),
        type="lexicon.changed",
        subject=ledger.Subject(kind="lexicon", id=TABLE_ID, public=True),
        actor=actor.ledger_id,
        at=version.at,
        body={"version": version.number, "rows": version.changed, "table_sha256": version.sha256},
        private=_private(version),
    )


def _private(version: Version) -> dict[str, Any]:
    return {"reason": version.reason} | ({"person": str(version.by)} if version.by else {})
