"""Statements of a bank in XML, as ISO 20022 camt.053 lays them out."""

NAMESPACE = "urn:iso:std:iso:20022:tech:xsd:camt.053.001.08"


def payment(fen: int, *, reference: str = "", payer: str = "砺禾储能", account: str = "6222000011112222", ref: str = "") -> str:
    """One TxDtls of an entry."""
    return (
        f"<TxDtls><Refs>{f'<AcctSvcrRef>{ref}</AcctSvcrRef>' if ref else ''}</Refs>"
        f'<Amt Ccy="CNY">{_yuan(fen)}</Amt><RltdPties><Dbtr><Pty><Nm>{payer}</Nm></Pty></Dbtr>'
        f"<DbtrAcct><Id><Othr><Id>{account}</Id></Othr></Id></DbtrAcct></RltdPties>"
        f"<RmtInf><Ustrd>{reference}</Ustrd></RmtInf></TxDtls>"
    )


def entry(ref: str, fen: int, *payments: str, direction: str = "CRDT", state: str = "<Cd>BOOK</Cd>", day: str = "2026-11-23") -> str:
    """One Ntry; without payments it stands for itself."""
    details = f"<NtryDtls>{''.join(payments)}</NtryDtls>" if payments else ""
    return (
        f'<Ntry><Amt Ccy="CNY">{_yuan(fen)}</Amt><CdtDbtInd>{direction}</CdtDbtInd><Sts>{state}</Sts>'
        f"<BookgDt><Dt>{day}</Dt></BookgDt><AcctSvcrRef>{ref}</AcctSvcrRef>{details}</Ntry>"
    )


def balance(fen: int, *, kind: str = "CLBD", day: str = "2026-11-23", side: str = "CRDT") -> str:
    """One Bal."""
    return (
        f"<Bal><Tp><CdOrPrtry><Cd>{kind}</Cd></CdOrPrtry></Tp>"
        f'<Amt Ccy="CNY">{_yuan(fen)}</Amt><CdtDbtInd>{side}</CdtDbtInd><Dt><Dt>{day}</Dt></Dt></Bal>'
    )


def document(*parts: str, namespace: str = NAMESPACE, account: str = "110000001") -> bytes:
    """A whole file: one statement of one account."""
    return (
        f'<?xml version="1.0" encoding="UTF-8"?>\n<Document xmlns="{namespace}"><BkToCstmrStmt><Stmt><Id>S1</Id>'
        f"<Acct><Id><Othr><Id>{account}</Id></Othr></Id></Acct>{''.join(parts)}</Stmt></BkToCstmrStmt></Document>"
    ).encode()


def _yuan(fen: int) -> str:
    return f"{fen // 100}.{fen % 100:02d}"
