"""Unified social credit code (统一社会信用代码), GB 32100-2015."""

from marketplace.common.errors import Invalid
from marketplace.common.text import bi

ALPHABET = "0123456789ABCDEFGHJKLMNPQRTUWXY"
WEIGHTS = tuple(pow(3, i, 31) for i in range(17))


class BadCreditCode(Invalid):
    code = "uscc_invalid"
    title = bi("统一社会信用代码有误", "The unified social credit code is not valid")


def check_character(first_17: str) -> str:
    """The 18th character for 17 given ones (GB 32100-2015 section 4.6): (31 - sum mod 31) mod 31."""
    total = sum(ALPHABET.index(c) * w for c, w in zip(first_17, WEIGHTS, strict=True))
    return ALPHABET[(31 - total % 31) % 31]


def check(code: str) -> str:
    """The code in its normal form (upper case, no spaces), or BadCreditCode with the reason."""
    plain = code.strip().upper()
    if len(plain) != 18:
        raise BadCreditCode(
            bi(
                f"应为 18 位，现有 {len(plain)} 位。请对照营业执照重新填写。",
                f"It has 18 characters; this one has {len(plain)}. Copy it again from the licence.",
            ),
            fields={"uscc": [bi("应为 18 位", "18 characters are needed")]},
        )
    wrong = sorted({c for c in plain if c not in ALPHABET})
    if wrong:
        named = " ".join(wrong)
        raise BadCreditCode(
            bi(
                f"含有不允许的字符 {named}（不使用 I、O、Z、S、V）。",
                f"It holds characters that are not allowed: {named} (I, O, Z, S, V are not used).",
            ),
            fields={"uscc": [bi("含有不允许的字符", "Characters that are not allowed")]},
        )
    expected = check_character(plain[:17])
    if plain[17] != expected:
        raise BadCreditCode(
            bi(
                "校验位不符：请检查是否有抄错的字符。",
                "The check character does not fit: look for a miscopied character.",
            ),
            fields={"uscc": [bi("校验位不符", "The check character does not fit")]},
        )
    return plain
