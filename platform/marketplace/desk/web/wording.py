"""What a ledger entry says, in plain words."""

import json
from dataclasses import dataclass
from functools import cache
from typing import Any

from ledger.app.selectors import EntryRow, PublicEntry
from ledger.engine.entry import SEALED
from marketplace.accounts.models import OrganisationKind
from marketplace.agreements.models import PartyRole
from marketplace.common.codes.contracts import CONTRACT_TYPES
from marketplace.common.codes.industries import DIVISIONS
from marketplace.common.codes.regions import REGIONS
from marketplace.common.text import bi, pick
from marketplace.desk.exploring import Thing
from marketplace.web.ledger_rows import LedgerRow, words_of
from marketplace.web.navigation import localised
from marketplace.workflow import registry
from marketplace.workflow.machine import Machine

# Events that no move of a machine records.
_OTHER_EVENTS: dict[str, Any] = {
    "treasury.topup": bi("充值入账", "Top-up booked"),
    "treasury.charged_back": bi("银行撤回来款", "Top-up taken back by the bank"),
    "treasury.debt_repaid": bi("偿还欠款", "Debt repaid"),
    "treasury.statement_imported": bi("银行对账单导入", "Bank statement imported"),
    "achievement.batch": bi("成果批量导入", "Achievements imported"),
    "demand.batch": bi("需求批量导入", "Demands imported"),
    "bank_account.set": bi("登记收款账户", "Bank account set"),
    "bank_account.verified": bi("核验收款账户", "Bank account verified"),
    "campaign.updated": bi("发布项目动态", "Campaign update posted"),
    "campaign.answered": bi("答复提问", "Question answered"),
    "key.added": bi("登记签署密钥", "Signing key added"),
    "key.revoked": bi("吊销签署密钥", "Signing key revoked"),
    "lexicon.changed": bi("名称对照表有新版本", "New version of the table of names"),
    "mix.switched": bi("匹配权重已切换", "Another mix of matching weights"),
    "log.key_added": bi("账本启用新的签名密钥", "The log takes up a new signing key"),
    "log.key_retired": bi("账本停用一把签名密钥", "The log retires a signing key"),
    "ledger.erased": bi("不公开内容已删除", "Private values erased"),
}
_FAMILIES: dict[str, Any] = {
    "treasury": bi("资金", "Treasury"),
    "key": bi("签署密钥", "Signing keys"),
    "log": bi("账本自身", "The log itself"),
    "ledger": bi("账本自身", "The log itself"),
    "sealed": bi("密封条目", "Sealed entries"),
    "bank_account": bi("收款账户", "Bank accounts"),
    "deposit": bi("存证", "Deposits"),
    "lexicon": bi("名称对照表", "Table of names"),
    "mix": bi("匹配权重", "Mix of matching weights"),
    "certificate": bi("存证证书", "Certificates"),
}
# The names of what a public body holds, beside the move itself.
_FIELDS: dict[str, Any] = {
    "version": bi("版本", "Version"),
    "document_sha256": bi("文本的 SHA-256", "SHA-256 of the text"),
    "terms_sha256": bi("条款的 SHA-256", "SHA-256 of the terms"),
    "region_code": bi("地区", "Region"),
    "industry_code": bi("行业", "Industry"),
    "contract_type": bi("合同类别", "Kind of contract"),
    "deadline": bi("截止时间", "Deadline"),
    "mode": bi("方式", "Mode"),
    "ordinal": bi("第几个里程碑", "Milestone number"),
    "role": bi("角色", "Role"),
    "kind": bi("类别", "Kind"),
    "declared": bi("由单位声明，未经核验", "Declared by the institution, not verified"),
    "protected_until": bi("保护期至", "Protected until"),
    "ground": bi("缘由", "Ground"),
    "public_key": bi("公钥", "Public key"),
    "signature": bi("签名", "Signature"),
    "signatures": bi("各方签名", "Signatures"),
    "rows": bi("行数", "Rows"),
    "root": bi("全部行的默克尔根", "Merkle root of all rows"),
    "table_sha256": bi("词表文件的 SHA-256", "SHA-256 of the table as a file"),
    "vkey": bi("公钥", "Public key"),
}
_HOMES = {
    "demand": "demands",
    "achievement": "achievements",
    "team": "teams",
    "campaign": "campaigns",
    "pledge": "pledges",
    "pool": "pools",
    "agreement": "agreements",
    "revenue": "revenue",
}
_THE_MOVE = ("action", "from", "to")


@dataclass(frozen=True, slots=True)
class Said:
    """An entry in words: one sentence, then its parts as (label, value, remark)."""

    sentence: str
    facts: list[dict[str, Any]]


@cache
def _moves_by_event() -> dict[str, tuple[Any, Any]]:
    """For each event that a move records: the machine's label and the move's."""
    found: dict[str, tuple[Any, Any]] = {}
    for registered in registry.everyone():
        found |= {event: (registered.machine.label, label) for event, label in words_of(registered.machine).items()}
    return found


def event_label(type: str) -> str:
    """The words for an event of the log; empty for one that nobody has named."""
    if type in _moves_by_event():
        thing, move = _moves_by_event()[type]
        return pick(f"{thing}：{move}", f"{thing}: {move}")
    return str(_OTHER_EVENTS.get(type, ""))


def family_words(family: str) -> Any:
    """The word for a family of events: the object's kind."""
    machine = _machine(family)
    return machine.label if machine else _FAMILIES.get(family, family)


def public_row(entry: PublicEntry) -> LedgerRow:
    """An entry as anyone sees it: sealed ones keep their words to themselves."""
    sealed = entry.type == SEALED
    return LedgerRow(
        seq=entry.seq,
        words=bi("仅当事人可读", "For its parties only") if sealed else event_label(entry.type),
        type=entry.type,
        leaf_hash=entry.leaf_hash,
        at=entry.at,
        status="sealed",
        sealed=sealed,
        href=localised(f"/ledger/entries/{entry.seq}/"),
    )


def own_row(row: EntryRow) -> LedgerRow:
    """An entry as those see it who may link it with its object: sealed ones in their real words."""
    return LedgerRow(
        seq=row.seq,
        words=_label(row.type, row.body) or event_label(row.type),
        type=row.type,
        leaf_hash=row.leaf_hash,
        at=row.at,
        status=row.status,
        sealed=not row.public,
        href=localised(f"/ledger/entries/{row.seq}/") if row.seq is not None else "",
    )


def title_of(obj: Any) -> str:
    """An object's name in the reader's language; empty where it has none."""
    if hasattr(obj, "title_zh"):
        return pick(obj.title_zh, obj.title_en)
    return str(getattr(obj, "title", "") or getattr(obj, "name", ""))


def home_of(found: Thing) -> str:
    """The address of an object's own page; empty for kinds that have none."""
    folder = _HOMES.get(found.kind)
    return localised(f"/{folder}/{found.obj.pk}/") if folder else ""


def said(type: str, body: dict[str, Any]) -> Said:
    """What a type and body mean; unknown events are told by their names alone."""
    machine = _machine(type.partition(".")[0])
    states = _states(machine)
    what = _label(type, body) or event_label(type) or type
    facts: list[dict[str, Any]] = [{"label": bi("事项", "What"), "value": what, "note": type}]
    before, after = (states.get(str(body.get(end)), body.get(end)) for end in ("from", "to"))
    sentence = pick(f"{what}。", f"{what}.")
    if machine:
        sentence = pick(f"一项{machine.label}办理了“{what}”。", f"{machine.label}: “{what}” was done.")
    if machine and before and before != after:
        sentence = pick(
            f"一项{machine.label}办理了“{what}”，状态由“{before}”变为“{after}”。",
            f"{machine.label}: “{what}” was done, and its state went from “{before}” to “{after}”.",
        )
        facts.append({"label": bi("状态", "State"), "value": f"{before} → {after}"})
    elif machine and after:
        facts.append({"label": bi("状态", "State"), "value": after})
    for key, value in body.items():
        if key not in _THE_MOVE:
            facts.append({"label": _FIELDS.get(key, key), **_shown(key, value)})
    return Said(sentence, facts)


def _shown(key: str, value: Any) -> dict[str, Any]:
    if isinstance(value, list) and value and all(isinstance(one, dict) for one in value):
        return {"lines": [[(_FIELDS.get(key, key), _plain(item)) for key, item in one.items()] for one in value]}
    text, words = _plain(value), _words(key, value)
    return {"value": words, "note": text} if words else {"value": text, "hash": len(text) > 40 and " " not in text}


def _words(key: str, value: Any) -> str:
    """A code in words, where the entry's reader could not know it; empty where it speaks for itself."""
    match key, value:
        case "region_code", str() if value in REGIONS:
            return REGIONS[value].name
        case "industry_code", str() if value in DIVISIONS:
            return pick(*DIVISIONS[value])
        case "contract_type", str() if value in CONTRACT_TYPES:
            return pick(*CONTRACT_TYPES[value])
        case "kind", str() if value in OrganisationKind.values:
            return str(OrganisationKind(value).label)
        case "role", str() if value in PartyRole.values:
            return str(PartyRole(value).label)
        case _, bool():
            return pick("是", "Yes") if value else pick("否", "No")
        case _, None:
            return pick("无", "None")
    return ""


def _plain(value: Any) -> str:
    return value if isinstance(value, str) else json.dumps(value, ensure_ascii=False)


def _machine(name: str) -> Machine | None:
    return next((each.machine for each in registry.everyone() if each.machine.name == name), None)


def _label(type: str, body: dict[str, Any]) -> Any:
    """The label of the very move that an entry records: several moves may share one event."""
    machine = _machine(type.partition(".")[0])
    moves = machine.by_action.get(str(body.get("action", "")), ()) if machine else ()
    return next((move.label for move in moves if move.ledger == type), None)


def _states(machine: Machine | None) -> dict[str, Any]:
    if machine is None:
        return {}
    model = next(each.model for each in registry.everyone() if each.machine is machine)
    return dict(model._meta.get_field("state").flatchoices)
