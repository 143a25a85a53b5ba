"""What a certificate proves and what it does not, in plain words that stand on paper and on the page alike.

The rule cited is the Supreme People's Court's 《人民法院在线诉讼规则》 (Fa Shi [2021] No. 12), articles 16 to 19.
"""

import json
from typing import Any

from marketplace.common.money import yuan
from marketplace.common.text import bi

Said = tuple[str, str]
Box = tuple[Said, tuple[Said, ...]]

PROVED: Box = (
    ("能证明", "Proved"),
    (
        (
            "所列记录在检查点签署之前已写入账本，此后未被改动；披露的内容与当时的承诺一致。",
            (
                "The entries listed were on the ledger before the checkpoint was signed and have not changed since; "
                "what is disclosed is what was committed to."
            ),
        ),
        (
            "当事方签名由其公钥验证：签名者对同一文本（以哈希标明）表示同意。来源由签名证明，不由平台证明。",
            (
                "Each signature holds under its party's public key: whoever signed agreed to the same text, named by its hash. "
                "Signatures prove origin, the platform does not."
            ),
        ),
        (
            (
                "电子数据经区块链技术存储并经技术核验一致的，人民法院可以认定其上链后未经篡改，有相反证据足以推翻的除外"
                "（《人民法院在线诉讼规则》第十六条）。"
            ),
            (
                "A court may find that data has not been changed after it was stored where technical checks agree, unless there is "
                "evidence to the contrary (Online Litigation Rules of the Supreme People's Court, article 16)."
            ),
        ),
    ),
)
NOT_PROVED: Box = (
    ("不能证明", "Not proved"),
    (
        (
            "内容在存入之前是否真实、由谁形成；法院对上链前的真实性另行审查（同规则第十八条）。",
            "Whether contents were true before they were stored, or who made them: courts examine that apart (article 18).",
        ),
        (
            "该对象是否还有未列入的记录；记录的时间取自平台时钟，除非另附外部时间戳。",
            (
                "Whether the object has entries that are not listed here. Times are those of the platform's clock unless an outside "
                "time-stamp is attached."
            ),
        ),
        (
            "平台代管密钥的签名只证明平台按该单位的操作签署。平台自己运行的见证人不是独立的第三方。",
            (
                "A signature by a key in the platform's custody proves only that the platform signed at that party's bidding. "
                "A witness that the platform itself runs is not independent."
            ),
        ),
    ),
)
COMMAND = "python verify.py certificate FILE.zip --key VKEY"
STEPS: tuple[Said, ...] = (
    (
        "一、取得证据文件（ZIP）与只有一个文件的验证器 verify.py；账本公钥请与从平台以外取得的公钥核对。",
        "1. Take the evidence file (ZIP) and the one-file verifier verify.py; compare the ledger's key with a copy from elsewhere.",
    ),
    (
        "二、在装有 Python 与 cryptography 库的计算机上离线运行下列命令；输出“SOUND 完好”即全部相符。",
        "2. Offline, on a computer with Python and its cryptography library, run the command below; “SOUND” means that all agrees.",
    ),
    (
        "三、或扫描二维码：公开页面列出本证书所覆盖的记录，并由您的浏览器自行重算证明。",
        "3. Or scan the code: the public page lists the entries that this certificate covers, and your browser recomputes their proofs.",
    ),
)
_FIELDS = {
    "action": bi("操作", "Action"),
    "agreement": bi("所属协议（编号）", "Agreement it belongs to"),
    "bank_account": bi("收款账户（编号）", "Bank account, by reference"),
    "body": bi("事项内容", "Contents"),
    "campaign_fen": bi("其中募资项目出资", "of which the campaign's"),
    "company_part_fen": bi("其中归还企业成本", "of which the company's costs"),
    "company_fen": bi("其中企业出资", "of which the company's"),
    "depositor": bi("存证单位", "Depositor"),
    "costs_fen": bi("有凭证的成本", "Evidenced costs"),
    "evidence_sha256": bi("凭证哈希", "Hash of the evidence"),
    "fee_fen": bi("平台服务费", "Platform fee"),
    "fen": bi("金额", "Amount"),
    "file_sha256": bi("成果文件哈希", "Hash of what was delivered"),
    "file_size": bi("成果文件大小（字节）", "Its size in bytes"),
    "funder_part_fen": bi("其中出资方", "of which the funders'"),
    "inventor_part_fen": bi("其中成果完成人", "of which the inventors'"),
    "lines_sha256": bi("分配明细哈希", "Hash of all lines"),
    "net_fen": bi("应付团队", "Payable to the team"),
    "payment_order": bi("付款文件（编号）", "Payment file it went out in"),
    "payout": bi("由此产生的划付（编号）", "Payout that follows"),
    "period_from": bi("期间自", "Period from"),
    "period_to": bi("期间至", "Period to"),
    "person": bi("经办人（编号）", "Person, by reference"),
    "price_fen": bi("总价款", "Price"),
    "question": bi("提问（编号）", "Question, by reference"),
    "reason": bi("理由", "Reason"),
    "reference": bi("银行附言", "Bank reference"),
    "region_part_fen": bi("其中地区", "of which the region's"),
    "region_payout": bi("给地区的划付（编号）", "Payout to the region"),
    "revenue_fen": bi("收入", "Revenue"),
    "sha256": bi("文件哈希", "Hash of the file"),
    "shared_fen": bi("可分配金额", "To be shared"),
    "size": bi("文件大小（字节）", "Size of the file in bytes"),
    "statement": bi("签署内容", "Statement that was signed"),
    "statement_line": bi("银行对账单行（编号）", "Line of the bank's statement"),
    "title": bi("名称", "Title"),
    "unit_part_fen": bi("其中所在单位", "of which the institution's"),
    "type": bi("事项类型", "Type of the entry"),
}


def field_words(label: str) -> Any:
    """A field's name for people, or the label itself where there is none."""
    return _FIELDS.get(label, label)


def told(label: str, value: Any, *, between: str) -> str:
    """A field's value for people: an amount in yuan as well, the parts of a map one after another."""
    if label.endswith("fen") and isinstance(value, int):
        return f"{yuan(value)} CNY（{value} fen）"
    if isinstance(value, dict):
        return between.join(f"{name}: {_plain(one)}" for name, one in value.items())
    return _plain(value)


def _plain(value: Any) -> str:
    return value if isinstance(value, str) else json.dumps(value, ensure_ascii=False)
