"""Evidence: everything a stranger needs to check what the log says of an object and of its parts, in one file."""

import io
import zipfile
from collections.abc import Collection, Mapping, Sequence
from uuid import UUID

from ledger.app import models, selectors, storage
from ledger.engine import canonical, merkle
from ledger.engine.entry import ENVELOPE
from ledger.engine.errors import LedgerFault
from ledger.engine.proof import Proof

DEFAULT = "default"

README = """津桥存证文件 · Evidence from the ledger of Jinqiao

本文件包含一个对象及其组成部分（如协议的各个里程碑）在公开账本上的记录。每条记录有三部分：
  entries/<序号>.json              记录原文，逐字节与账本相同
  entries/<序号>.tlog-proof        证明该记录在已签名的检查点之内（C2SP tlog-proof）
  entries/<序号>.disclosures.json  向您披露的内容及其随机盐；与记录中的承诺逐一对应
handles.json 是这些对象的密钥，每个对象一个：凭它可以确认哪些记录属于同一对象。请妥善保管，公开它等于公开这种关联。
log.vkey 是账本的公钥；请与您从别处取得的公钥比对。
如有以下文件：
  certificate.pdf、certificate.json  可打印的存证证书及其编号
  parties.json                       当事方、其签名公钥与签名（Ed25519，签名内容为前缀加 statement 原文）
  documents/<SHA-256>.<扩展名>       文件原件；文件名即其哈希，该哈希由某条记录写明或承诺
  timestamps/                        外部时间戳机构（RFC 3161）：<条数>.note 为检查点，<条数>.tsr 为其时间戳，
                                     <序号>.tlog-proof 证明记录在该检查点之内；可用 openssl ts -verify 核验

能证明的：这些内容在检查点签署之前已经写入账本，此后未被改动。
不能证明的：写入之前内容是否真实；该对象是否还有未列入本文件的记录；签署的时刻。

验证（只需一个文件 verify.py 和 Python 的 cryptography 库，不需要信任本平台）：
  python verify.py certificate FILE.zip --key "<公钥>"

This file holds the entries of an object and of its parts (an agreement and its milestones) on the public log. Each entry has three:
  entries/<seq>.json              the entry, byte for byte as on the log
  entries/<seq>.tlog-proof        proof that it stands under a signed checkpoint (C2SP tlog-proof)
  entries/<seq>.disclosures.json  what is disclosed to you, with its salts; each matches a commitment in the entry
handles.json holds the secret of each object: with it anybody can tell which entries speak of the same one. Keep it, for
publishing it publishes that link. log.vkey is the log's public key; compare it with a copy from elsewhere.
Where present:
  certificate.pdf, certificate.json  the certificate to print, and its number
  parties.json                       the parties, their public keys and signatures (Ed25519, over a prefix and the statement)
  documents/<SHA-256>.<ext>          the files themselves; each is named by its hash, which an entry states or commits to
  timestamps/                        an outside authority (RFC 3161): <size>.note is a checkpoint, <size>.tsr its time-stamp,
                                     <seq>.tlog-proof proves the entry under it; openssl ts -verify -data NOTE -in TSR -CAfile ROOTS

What is proven: these contents were on the log before the checkpoint was signed and have not been changed since.
What is not: whether they were true when written; whether the object has entries that are not in this file; the
moment of signing.

To verify (one file, verify.py, and Python's cryptography; the platform need not be trusted):
  python verify.py certificate FILE.zip --key "<the key>"
"""
PENDING = """
{count} 条记录尚未进入已签名的检查点，未列入本文件；请稍后重新下载。
{count} entries are not under a signed checkpoint yet and are not in this file; download it again later.
"""
# A file of the same content has the same bytes.
MOMENT = (1980, 1, 1, 0, 0, 0)


def evidence(
    kind: str,
    object_id: UUID,
    *,
    shown: Mapping[UUID, Collection[str]] | None = None,
    beside: Mapping[str, bytes] | None = None,
    parts: Sequence[tuple[str, UUID]] = (),
) -> bytes:
    """Return a ZIP of the entries of an object and its parts, with proofs, disclosed values and the secret of each object.

    `shown` names the entries to cover by intent id and the labels to disclose of each (None: all that is kept of all of
    them); `beside` are the caller's own files. The caller has checked permission.
    Raises LedgerFault while none of these entries is under a signed checkpoint.
    """
    checkpoint = selectors.latest_checkpoint()
    objects = [(kind, object_id), *parts]
    rows = [row for row in selectors.entries_of_all(objects) if shown is None or row.id in shown]
    proven = [row for row in rows if row.seq is not None and checkpoint and row.seq < checkpoint.size]
    if checkpoint is None or not proven:
        raise LedgerFault("no entry of this object stands under a signed checkpoint yet: try again in a minute")
    readme = README + (PENDING.format(count=len(rows) - len(proven)) if len(rows) > len(proven) else "")
    files = {
        "README.txt": readme.encode(),
        "log.vkey": f"{checkpoint.vkey}\n".encode(),
        "handles.json": canonical.encode(_secrets(objects, proven)),
        **(beside or {}),
    }
    for row in proven:
        files |= _entry_files(row, None if shown is None else shown[row.id])
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, data in files.items():
            archive.writestr(zipfile.ZipInfo(name, MOMENT), data, zipfile.ZIP_DEFLATED)
    return packed.getvalue()


def _secrets(objects: Sequence[tuple[str, UUID]], rows: Sequence[selectors.EntryRow]) -> list[str]:
    """The secrets, in hex, of those objects of which there are entries; the first object's first."""
    told = {(row.kind, row.object_id) for row in rows}
    secrets = [selectors.secret_of(*one) for one in objects if one in told]
    return [secret.hex() for secret in secrets if secret is not None]


def choosable(row: selectors.EntryRow) -> list[str]:
    """The labels of an entry that a reader may choose to disclose or not; the envelope of a sealed one comes along with any of them."""
    return sorted(label for label in row.disclosures if row.public or label != ENVELOPE)


def proof_under(seq: int, size: int, note: str) -> Proof:
    """Return the proof of an entry under an older signed checkpoint of ours, given by its size and its note."""
    raw = models.Entry.objects.filter(seq=seq).values_list("bytes", flat=True).get()
    path = merkle.inclusion_proof(storage.subtree_hashes(DEFAULT), seq, size)
    return Proof(index=seq, path=tuple(path), checkpoint=note, extra=bytes(raw))


def _entry_files(row: selectors.EntryRow, shown: Collection[str] | None) -> dict[str, bytes]:
    seq = row.seq
    proof = None if seq is None else selectors.proof(seq)
    if proof is None or proof.extra is None:
        raise LedgerFault(f"entry {seq} cannot be proven")
    disclosed = models.Disclosure.objects.filter(intent_id=row.id).order_by("label")
    if shown is not None:
        # Without its envelope no other value of a sealed entry can be checked.
        disclosed = disclosed.filter(label__in={*shown, ENVELOPE} if shown and not row.public else shown)
    return {
        f"entries/{seq}.json": proof.extra,
        f"entries/{seq}.tlog-proof": proof.to_text().encode(),
        f"entries/{seq}.disclosures.json": canonical.encode(
            [{"label": one.label, "value": canonical.decode(bytes(one.value)), "salt": bytes(one.salt).hex()} for one in disclosed]
        ),
    }
