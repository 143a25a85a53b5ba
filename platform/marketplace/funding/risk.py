"""The risk statement that every funder accepts, by version; a pledge records which one it was."""

from typing import Any

from marketplace.common.text import bi

VERSION = "2026-1"

STATEMENTS: dict[str, Any] = {
    "2026-1": bi(
        "技术开发可能失败。项目资金将按里程碑支付给研发团队，已支付的部分不予退回；协议提前终止时，"
        "仅未支付的部分按各出资方划转金额的比例退回。平台和企业不对本金或收益作任何保证，"
        "后续收益取决于成果能否产生收入。项目未达最低目标或被取消时，冻结的款项全额解冻。"
        "确认后有一段冷静期，期间可以无理由撤回；冷静期满后不能撤回。",
        "Technical development can fail. The money is paid to the team milestone by milestone, and what has been paid "
        "is not returned; when the agreement ends early, only the unpaid part returns, in proportion to what each funder "
        "had captured. Neither the platform nor the company promises the principal or any return: later revenue depends on "
        "whether the result earns any. If the campaign misses its minimum or is cancelled, every hold is released in full. "
        "After confirming there is a cooling-off period in which you may withdraw without giving a reason; after it you may not.",
    ),
}

SUITABILITY = bi(
    "本单位具备相应的风险识别和承担能力，以自有资金出资，且此笔出资的损失不会影响本单位正常经营。",
    "Our organisation can judge and bear this risk, pays with its own funds, and could lose this amount without harm to its business.",
)


def text(version: str) -> Any:
    """The statement's wording in the reader's language; KeyError for a version that never was."""
    return STATEMENTS[version]
