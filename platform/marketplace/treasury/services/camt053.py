"""Read a bank's statement in XML: ISO 20022 camt.053 (BankToCustomerStatement), any version from 001.02 on.

Element names are the standard's: Ntry an entry, NtryDtls/TxDtls the payments inside it, Bal a balance, CLBD the closing booked one.
"""

import io
import re
from collections.abc import Iterator
from datetime import date
from typing import Any
from xml.etree.ElementTree import Element, ParseError

from defusedxml.common import DefusedXmlException
from defusedxml.ElementTree import iterparse

from marketplace.common.text import bi
from marketplace.treasury.errors import StatementUnreadable
from marketplace.treasury.models import Direction
from marketplace.treasury.services.statement_lines import Closing, Fault, ReadLine, fen_of, moment_of, refuse_too_many, text_fault, tidied

NAMESPACE = re.compile(r"\{urn:iso:std:iso:20022:tech:xsd:camt\.053\.001\.(?:0[2-9]|[1-9][0-9])\}Document")
CURRENCY = "CNY"
DIRECTIONS = {"CRDT": Direction.IN, "DBIT": Direction.OUT}
# What is looked into when it has ended; all else is passed over. One entry may hold tens of thousands of payments.
KEPT = frozenset({"Ntry", "Acct", "Bal"})
MOST_HELD = 500_000
MOST_DEEP = 100
_AMOUNT = re.compile(r"[0-9]{1,18}(\.[0-9]{1,5})?")


def read(content: bytes) -> Iterator[ReadLine | Fault | Closing]:
    """Read each booked entry, or each payment of an entry that lists several; memory holds one entry at a time.

    Pending entries and other currencies are faults. Raises StatementUnreadable for what is no camt.053, is cut off, or
    carries a document type or entities.
    """
    namespace, count, lines, accounts = "", 0, 0, set[str]()
    for element, begins in _elements(content):
        if begins:
            if not namespace:
                if NAMESPACE.fullmatch(element.tag) is None:
                    raise StatementUnreadable(bi("这份 XML 不是 camt.053 对账单。", "This XML is no camt.053 statement."))
                namespace = element.tag.removesuffix("Document")
            continue
        name = element.tag.removeprefix(namespace)
        if name == "Acct":
            accounts.add(_text(element, namespace, "Id/IBAN") or _text(element, namespace, "Id/Othr/Id"))
            if len(accounts) > 1:
                raise StatementUnreadable(
                    bi("文件含多个账户的对账单，请逐个导入。", "The file holds statements of several accounts: import each by itself.")
                )
        elif name == "Bal":
            closing = _closing(element, namespace)
            if closing is not None:
                yield closing
        elif name == "Ntry":
            count += 1
            for line in _entry(count, element, namespace):
                refuse_too_many(lines)
                lines += 1
                yield line
    if not namespace:
        raise StatementUnreadable


def _elements(content: bytes) -> Iterator[tuple[Element, bool]]:
    """Each element as it begins and as it ends. A document type or an entity ends the reading: neither belongs here.

    Only what is being read stays in memory: an element that has ended outside an entry, account or balance is let go,
    and so is one of these when its reader is done with it.
    """
    open_: list[Element] = []
    keeping = held = 0
    try:
        for event, element in iterparse(io.BytesIO(content), events=("start", "end"), forbid_dtd=True):
            is_kept = element.tag.rpartition("}")[2] in KEPT
            if event == "start":
                open_.append(element)
                keeping += is_kept
                held = held + 1 if keeping else 0
                if len(open_) > MOST_DEEP or held > MOST_HELD:
                    raise StatementUnreadable(
                        bi("XML 嵌套过深，或一个条目过大。", "The XML is nested too deeply, or one entry of it is too large.")
                    )
                yield element, True
                continue
            open_.pop()
            keeping -= is_kept
            yield element, False
            if open_ and not keeping:
                open_[-1].remove(element)
    except (DefusedXmlException, ParseError, LookupError, ValueError) as error:
        raise StatementUnreadable(
            bi("XML 不完整，或含有不允许的文档类型与实体。", "The XML is cut off or broken, or declares a document type or entities.")
        ) from error


def _entry(number: int, entry: Element, namespace: str) -> Iterator[ReadLine | Fault]:
    def text(path: str, inside: Element = entry) -> str:
        return _text(inside, namespace, path)

    state = text("Sts/Cd") or text("Sts")
    if state != "BOOK":
        yield Fault(number, "Sts", "只导入已记账（BOOK）的条目", "Only entries that are booked (BOOK) are taken")
        return
    direction = DIRECTIONS.get(text("CdtDbtInd"))
    if direction is None:
        yield Fault(number, "CdtDbtInd", "须为 CRDT 或 DBIT", "It is CRDT or DBIT")
        return
    booked_at = moment_of(text("BookgDt/DtTm") or text("BookgDt/Dt"))
    if booked_at is None:
        yield Fault(number, "BookgDt", "缺少记账日期，或不是 ISO 8601", "The booking date is missing or not ISO 8601")
        return
    whole = _fen(entry, namespace, "Amt")
    if whole is None:
        yield Fault(number, "Amt", "金额须为正的人民币（CNY），至分", "An amount is positive, in CNY, to the fen")
        return
    own_id = text("AcctSvcrRef") or text("NtryRef")
    payments = entry.findall(_path(namespace, "NtryDtls/TxDtls"))
    amounts = [_fen(one, namespace, "Amt") or _fen(one, namespace, "AmtDtls/TxAmt/Amt") for one in payments]
    if len(payments) < 2:
        amounts = [whole] * len(payments)
    elif sum(amount or 0 for amount in amounts) != whole or None in amounts:
        yield Fault(number, "TxDtls", "各笔金额之和不等于条目金额", "The payments inside do not add up to the entry")
        return
    side = "Dbtr" if direction == Direction.IN else "Cdtr"
    for place, (payment, fen) in enumerate(zip(payments or [entry], amounts or [whole], strict=True), start=1):
        part = f"{own_id}/{place}" if len(payments) > 1 and own_id else own_id
        read_so = {
            "bank_line_id": (text("Refs/AcctSvcrRef", payment) if len(payments) > 1 else "") or part,
            "payer_name": text(f"RltdPties/{side}/Nm", payment) or text(f"RltdPties/{side}/Pty/Nm", payment),
            "payer_account": text(f"RltdPties/{side}Acct/Id/IBAN", payment) or text(f"RltdPties/{side}Acct/Id/Othr/Id", payment),
            "reference": " ".join(filter(None, [*_all(payment, namespace, "RmtInf/Ustrd"), text("Refs/EndToEndId", payment)]))
            or text("AddtlNtryInf"),
        }
        row = tidied(read_so)
        yield text_fault(number, row) or ReadLine(number=number, booked_at=booked_at, fen=fen or whole, direction=direction, **row)


def _closing(balance: Element, namespace: str) -> Closing | None:
    """The closing booked balance, negative when the account is overdrawn; None for any other balance."""
    if _text(balance, namespace, "Tp/CdOrPrtry/Cd") != "CLBD":
        return None
    amount = balance.find(_path(namespace, "Amt"))
    moment = moment_of(_text(balance, namespace, "Dt/Dt") or _text(balance, namespace, "Dt/DtTm"))
    if amount is None or amount.get("Ccy") != CURRENCY or moment is None:
        return None
    fen = 0 if _is_zero(amount.text or "") else _fen(balance, namespace, "Amt")
    if fen is None:
        return None
    day: date = moment.date()
    return Closing(-fen if _text(balance, namespace, "CdtDbtInd") == "DBIT" else fen, day)


def _fen(inside: Element, namespace: str, path: str) -> int | None:
    """A positive amount of yuan in fen; decimals beyond the fen must be zeros."""
    amount = inside.find(_path(namespace, path))
    if amount is None or amount.get("Ccy") != CURRENCY:
        return None
    text = (amount.text or "").strip()
    if _AMOUNT.fullmatch(text) is None:
        return None
    whole, _, decimals = text.partition(".")
    if decimals[2:].strip("0"):
        return None
    return fen_of(f"{whole}.{decimals[:2]}" if decimals else whole)


def _is_zero(text: str) -> bool:
    return re.fullmatch(r"\s*0+(\.0+)?\s*", text) is not None


def _path(namespace: str, path: str) -> str:
    return "/".join(namespace + name for name in path.split("/"))


def _text(inside: Element, namespace: str, path: str) -> str:
    return (inside.findtext(_path(namespace, path)) or "").strip()


def _all(inside: Element, namespace: str, path: str) -> list[str]:
    found: list[Any] = inside.findall(_path(namespace, path))
    return [(one.text or "").strip() for one in found]
