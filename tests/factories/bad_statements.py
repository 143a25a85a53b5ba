"""Bank statements that nobody should send, by name: whole files, and single entries or lines among good ones."""

from tests.factories.camt import NAMESPACE, document, entry, payment
from tests.factories.treasury import statement_csv

GOOD = document(entry("E1", 100))
BAD_FILES = {
    "cut off": GOOD[:-20],
    "cut off inside an entry": GOOD[: GOOD.index(b"<BookgDt>")],
    "only the declaration": b'<?xml version="1.0"?>',
    "another message": document(namespace=NAMESPACE.replace("053", "052")),
    "a namespace of nobody": document(namespace="urn:example"),
    "no namespace": GOOD.replace(f' xmlns="{NAMESPACE}"'.encode(), b""),
    "a page": b"<html><body>Login</body></html>",
    "a document type": b'<!DOCTYPE Document SYSTEM "file:///etc/passwd">' + GOOD.partition(b"\n")[2],
    "entities that grow": b'<!DOCTYPE d [<!ENTITY a "aaaaaaaaaa"><!ENTITY b "&a;&a;&a;&a;&a;">]><d>&b;</d>',
    "an entity nobody declared": GOOD.replace(b"E1", b"&x;"),
    "a control character": GOOD.replace(b"E1", b"E\x00"),
    "an encoding that is none": GOOD.replace(b"UTF-8", b"UTF-99"),
    "bytes that are not its encoding": GOOD.replace(b"E1", b"\xff\xfe"),
    "two roots": GOOD + GOOD.partition(b"\n")[2],
    "tags that cross": GOOD.replace(b"</Sts>", b"</Amt>", 1),
    "two accounts": GOOD.replace(b"</Stmt>", b"</Stmt><Stmt><Acct><Id><IBAN>CN2</IBAN></Id></Acct></Stmt>"),
}
BAD_ENTRIES = {
    "pending": (entry("E1", 100, state="<Cd>PDNG</Cd>"), "Sts"),
    "no state": (entry("E1", 100, state=""), "Sts"),
    "no direction": (entry("E1", 100, direction=""), "CdtDbtInd"),
    "unknown direction": (entry("E1", 100, direction="IN"), "CdtDbtInd"),
    "no date": (entry("E1", 100, day=""), "BookgDt"),
    "a German date": (entry("E1", 100, day="23.11.2026"), "BookgDt"),
    "a day that is none": (entry("E1", 100, day="2026-02-30"), "BookgDt"),
    "nothing": (entry("E1", 0), "Amt"),
    "negative": (entry("E1", 100).replace("1.00", "-1.00"), "Amt"),
    "thousandths": (entry("E1", 100).replace("1.00", "1.005"), "Amt"),
    "an exponent": (entry("E1", 100).replace("1.00", "1e3"), "Amt"),
    "full-width digits": (entry("E1", 100).replace("1.00", "１.００"), "Amt"),
    "more than the books hold": (entry("E1", 100).replace("1.00", "90071992547409.92"), "Amt"),
    "no amount": (entry("E1", 100).replace('<Amt Ccy="CNY">1.00</Amt>', ""), "Amt"),
    "dollars": (entry("E1", 100).replace("CNY", "USD"), "Amt"),
    "no currency": (entry("E1", 100).replace(' Ccy="CNY"', ""), "Amt"),
    "payments that do not add up": (entry("E1", 300, payment(100), payment(100)), "TxDtls"),
    "a payment without amount": (entry("E1", 300, payment(300), payment(100).replace('<Amt Ccy="CNY">1.00</Amt>', "")), "TxDtls"),
    "no id": (entry("", 100), "bank_line_id"),
    "a long id": (entry("E" * 65, 100), "bank_line_id"),
    "a long name": (entry("E1", 100, payment(100, payer="长" * 201)), "payer_name"),
    "a long account": (entry("E1", 100, payment(100, account="1" * 65)), "payer_account"),
    "a long reference": (entry("E1", 100, payment(100, reference="x" * 401)), "reference"),
    "a tab in a name": (entry("E1", 100, payment(100, payer="a\tb")), "payer_name"),
}
BAD_LINES = {
    "a negative amount": "B1,2026-11-23,-1.00,in,,,",
    "thousandths": "B1,2026-11-23,1.005,in,,,",
    "another currency": "B1,2026-11-23,USD 1.00,in,,,",
    "no id": ",2026-11-23,1.00,in,,,",
    "a day that is none": "B1,2026-02-30,1.00,in,,,",
    "a direction that is none": "B1,2026-11-23,1.00,inward,,,",
    "a field too many": "B1,2026-11-23,1.00,in,,,,",
    "a quote that never ends": 'B1,2026-11-23,1.00,in,"open,,',
}
BAD_CSV = {
    "empty": b"",
    "no heading": b"B1,2026-11-23,1.00,in,,,\n",
    "a column missing": statement_csv().replace(b",reference", b""),
    "a column twice": statement_csv().replace(b"payer_name", b"reference"),
    "a PDF": b"%PDF-1.7\n%\xe2\xe3\xcf\xd3",
    "bytes of no encoding": statement_csv("B1,2026-11-23,1.00,in,\u4e2d,,")[:-2] + b"\xff\xff",
}
