"""The terms that a person agrees to at sign-up, by version; the hash is of this very text."""

import hashlib
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Terms:
    """One version of the terms; both languages are hashed together, as UTF-8."""

    version: str
    zh: tuple[str, ...]
    en: tuple[str, ...]

    @property
    def text(self) -> str:
        return "\n".join((self.version, *self.zh, *self.en))

    @property
    def sha256(self) -> str:
        return hashlib.sha256(self.text.encode()).hexdigest()


CURRENT = Terms(
    version="2026-11",
    zh=(
        "本平台供单位之间发布需求、承接任务、提供资金和签订协议；您以所在单位的名义办理业务。",
        "我们只为登录、通知和核验身份保存您的姓名与电子邮箱；您可以随时查阅、更正，并要求删除。",
        "业务记录会写入只可追加的公开账本。账本不含您的姓名和邮箱，删除个人信息后仍可验证。",
        "平台不承诺任何本金或收益；出资由单位依其自身判断作出，资金由银行托管。",
        "请妥善保管密码与接口密钥；以它们完成的操作视为您本人代表单位所为。",
    ),
    en=(
        "Organisations publish demands, take on tasks, provide funds and conclude agreements here; you act in the name of yours.",
        "Your name and e-mail address serve to sign you in, notify you and verify who acts; you may see, correct or delete them.",
        "Business records enter a public, append-only ledger, which holds neither your name nor your address.",
        "The platform promises neither principal nor return; organisations fund on their own judgement, a bank keeps the money.",
        "Keep your password and API keys safe; what is done with them counts as done by you for your organisation.",
    ),
)
