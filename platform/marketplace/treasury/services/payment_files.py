"""Write a payment order as a bank reads it: ISO 20022 pain.001.001.09 (CustomerCreditTransferInitiation), or CSV.

The same order and the same moment give the same bytes. Element names and their order are the standard's.
"""

import csv
import io
import re
import unicodedata
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID
from xml.sax.saxutils import escape

from marketplace.common.money import yuan
from marketplace.treasury.models import BEIJING, OrderForm

NAMESPACE = "urn:iso:std:iso:20022:tech:xsd:pain.001.001.09"
NAME_LENGTH = 140  # Max140Text
CSV_COLUMNS = ("end_to_end_id", "payee_name", "payee_account", "payee_bank", "amount_yuan", "currency", "message")
# Not allowed in XML 1.0, whatever the escaping.
_FORBIDDEN = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\x7f\ufffe\uffff\ud800-\udfff]")


@dataclass(frozen=True, slots=True)
class Payment:
    """One payment: so many fen to a payee's account, known to the bank and back by its end-to-end id."""

    kind: str
    id: UUID
    end_to_end_id: str
    name: str
    account: str
    bank: str
    fen: int


@dataclass(frozen=True, slots=True)
class Payer:
    """The custody account that pays."""

    name: str
    number: str
    bank: str


def write(form: OrderForm, *, number: str, at: datetime, payer: Payer, payments: Sequence[Payment]) -> bytes:
    """The file's bytes, UTF-8."""
    return _FORMS[form](number, at.astimezone(BEIJING), payer, payments)


def _pain001(number: str, at: datetime, payer: Payer, payments: Sequence[Payment]) -> bytes:
    count, total = str(len(payments)), _amount(sum(payment.fen for payment in payments))
    payer_name, agent, account = _name(payer.name), _agent(payer.bank), _account(payer.number)
    head = (
        f"<GrpHdr><MsgId>{number}</MsgId><CreDtTm>{at.isoformat(timespec='seconds')}</CreDtTm><NbOfTxs>{count}</NbOfTxs>"
        f"<CtrlSum>{total}</CtrlSum><InitgPty><Nm>{payer_name}</Nm></InitgPty></GrpHdr>"
    )
    batch = (
        f"<PmtInf><PmtInfId>{number}</PmtInfId><PmtMtd>TRF</PmtMtd><BtchBookg>false</BtchBookg><NbOfTxs>{count}</NbOfTxs>"
        f"<CtrlSum>{total}</CtrlSum><ReqdExctnDt><Dt>{at.date().isoformat()}</Dt></ReqdExctnDt><Dbtr><Nm>{payer_name}</Nm></Dbtr>"
        f"<DbtrAcct>{account}<Ccy>CNY</Ccy></DbtrAcct><DbtrAgt>{agent}</DbtrAgt><ChrgBr>DEBT</ChrgBr>"
    )
    begins = ['<?xml version="1.0" encoding="UTF-8"?>', f'<Document xmlns="{NAMESPACE}">', "<CstmrCdtTrfInitn>", head, batch]
    ends = ["</PmtInf>", "</CstmrCdtTrfInitn>", "</Document>", ""]
    return "\n".join([*begins, *map(_transaction, payments), *ends]).encode()


def _transaction(payment: Payment) -> str:
    agent = f"<CdtrAgt>{_agent(payment.bank)}</CdtrAgt>" if payment.bank else ""
    return (
        f"<CdtTrfTxInf><PmtId><InstrId>{payment.end_to_end_id}</InstrId><EndToEndId>{payment.end_to_end_id}</EndToEndId></PmtId>"
        f'<Amt><InstdAmt Ccy="CNY">{_amount(payment.fen)}</InstdAmt></Amt>{agent}<Cdtr><Nm>{_name(payment.name)}</Nm></Cdtr>'
        f"<CdtrAcct>{_account(payment.account)}</CdtrAcct><RmtInf><Ustrd>{payment.end_to_end_id}</Ustrd></RmtInf></CdtTrfTxInf>"
    )


def _csv(number: str, at: datetime, payer: Payer, payments: Sequence[Payment]) -> bytes:
    """One line per payment; a word that a spreadsheet would take for a formula gets an apostrophe in front."""
    out = io.StringIO()
    out.write("\ufeff")  # Excel takes a CSV for UTF-8 only when it begins so
    writer = csv.writer(out)
    writer.writerow(CSV_COLUMNS)
    for one in payments:
        words = (one.end_to_end_id, one.name, one.account, one.bank)
        writer.writerow([*map(_no_formula, words), _amount(one.fen), "CNY", one.end_to_end_id])
    return out.getvalue().encode()


_FORMS: Mapping[OrderForm, Callable[[str, datetime, Payer, Sequence[Payment]], bytes]] = {OrderForm.PAIN001: _pain001, OrderForm.CSV: _csv}


def _amount(fen: int) -> str:
    return yuan(fen).replace(",", "")


def _name(text: str) -> str:
    return escape(_plain(text)[:NAME_LENGTH].strip())


def _agent(bank: str) -> str:
    return f"<FinInstnId><Nm>{_name(bank)}</Nm></FinInstnId>"


def _account(number: str) -> str:
    return f"<Id><Othr><Id>{_text(number)}</Id></Othr></Id>"


def _text(text: str) -> str:
    return escape(_plain(text))


def _plain(text: str) -> str:
    return _FORBIDDEN.sub(" ", unicodedata.normalize("NFC", text)).strip()


def _no_formula(text: str) -> str:
    return f"'{text}" if text[:1] in {"=", "+", "-", "@", "\t", "\r"} else text
