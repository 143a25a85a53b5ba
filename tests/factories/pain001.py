"""The structure of pain.001.001.09 as far as a transfer in yuan goes, as a table of our own, and what of a document breaks it.

Each element has its children in the order of ISO 20022, "?" where one may be missing, "+" where it repeats, "*" for both; an
element of `LEAVES` has text of that type instead. An element that neither table names is a breach.
"""

import re
from collections.abc import Iterator
from xml.etree.ElementTree import Element

from marketplace.treasury.services.payment_files import NAMESPACE

PARTY = "Nm? PstlAdr? Id? CtryOfRes? CtctDtls?"
AGENT, ACCOUNT = "FinInstnId BrnchId?", "Id Tp? Ccy? Nm? Prxy?"
# By the path's last two names where one name means two things.
CHILDREN = {
    "Document": "CstmrCdtTrfInitn",
    "CstmrCdtTrfInitn": "GrpHdr PmtInf+ SplmtryData*",
    "GrpHdr": "MsgId CreDtTm Authstn* NbOfTxs CtrlSum? InitgPty FwdgAgt? InitnSrc?",
    "PmtInf": (
        "PmtInfId PmtMtd ReqdAdvcTp? BtchBookg? NbOfTxs? CtrlSum? PmtTpInf? ReqdExctnDt PoolgAdjstmntDt? Dbtr DbtrAcct DbtrAgt "
        "DbtrAgtAcct? InstrForDbtrAgt? UltmtDbtr? ChrgBr? ChrgsAcct? ChrgsAcctAgt? CdtTrfTxInf+"
    ),
    "CdtTrfTxInf": (
        "PmtId PmtTpInf? Amt XchgRateInf? ChrgBr? MndtRltdInf? ChqInstr? UltmtDbtr? IntrmyAgt1? IntrmyAgt1Acct? IntrmyAgt2? "
        "IntrmyAgt2Acct? IntrmyAgt3? IntrmyAgt3Acct? CdtrAgt? CdtrAgtAcct? Cdtr? CdtrAcct? UltmtCdtr? InstrForCdtrAgt* "
        "InstrForDbtrAgt? Purp? RgltryRptg* Tax? RltdRmtInf* RmtInf? SplmtryData*"
    ),
    "PmtId": "InstrId? EndToEndId UETR?",
    "Amt": "InstdAmt",
    "ReqdExctnDt": "Dt",
    "InitgPty": PARTY,
    "Dbtr": PARTY,
    "Cdtr": PARTY,
    "DbtrAcct": ACCOUNT,
    "CdtrAcct": ACCOUNT,
    "DbtrAgt": AGENT,
    "CdtrAgt": AGENT,
    "FinInstnId": "BICFI? ClrSysMmbId? LEI? Nm? PstlAdr? Othr?",
    "DbtrAcct/Id": "Othr",
    "CdtrAcct/Id": "Othr",
    "Othr": "Id SchmeNm? Issr?",
    "RmtInf": "Ustrd* Strd*",
}
MAX_35, MAX_140 = r"(?s).{1,35}", r"(?s).{1,140}"
DECIMAL = r"(?=[0-9.]{1,19}$)[0-9]{1,18}(\.[0-9]{1,5})?"  # 18 digits at most; an amount has up to five after the point
LEAVES = {
    "MsgId": MAX_35,
    "PmtInfId": MAX_35,
    "InstrId": MAX_35,
    "EndToEndId": MAX_35,
    "Othr/Id": r"(?s).{1,34}",
    "Nm": MAX_140,
    "Ustrd": MAX_140,
    "NbOfTxs": r"[0-9]{1,15}",
    "CtrlSum": DECIMAL,
    "InstdAmt": DECIMAL,
    "Ccy": r"[A-Z]{3}",
    "CreDtTm": r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?(Z|[+-]\d\d:\d\d)?",
    "Dt": r"\d{4}-\d\d-\d\d",
    "PmtMtd": "CHK|TRF|TRA",
    "ChrgBr": "DEBT|CRED|SHAR|SLEV",
    "BtchBookg": "true|false|0|1",
}
ATTRIBUTES = {"InstdAmt": {"Ccy": r"[A-Z]{3}"}}


def breaches(element: Element, inside: str = "") -> Iterator[str]:
    """Each place where the document is not as the tables have it."""
    name = element.tag.removeprefix(f"{{{NAMESPACE}}}")
    path = f"{inside}/{name}"
    rules = ATTRIBUTES.get(name, {})
    if element.keys() != list(rules) or any(not re.fullmatch(rule, element.get(key, "")) for key, rule in rules.items()):
        yield f"{path}: attributes {element.attrib}"
    order = CHILDREN.get("/".join(path.split("/")[-2:])) or CHILDREN.get(name)
    leaf = LEAVES.get("/".join(path.split("/")[-2:])) or LEAVES.get(name)
    if order is not None and not leaf:
        children = [child.tag.removeprefix(f"{{{NAMESPACE}}}") for child in element]
        pattern = "".join(f"(?:<{rule.rstrip('?+*')}>){rule[-1] if rule[-1] in '?+*' else ''}" for rule in order.split())
        if not re.fullmatch(pattern, "".join(f"<{child}>" for child in children)) or (element.text or "").strip():
            yield f"{path}: {children}"
        for child in element:
            yield from breaches(child, path)
    elif leaf is None or len(element) or not re.fullmatch(leaf, element.text or "") or (element.text or "") != (element.text or "").strip():
        yield f"{path}: {element.text!r}"
