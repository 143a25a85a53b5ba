"""Kinds of technology contract: Civil Code of the PRC, book three, chapter 20 (articles 843-887)."""

from marketplace.common.text import pick

CONTRACT_TYPES: dict[str, tuple[str, str]] = {
    "development.commissioned": ("技术开发（委托）", "Commissioned development"),
    "development.cooperative": ("技术开发（合作）", "Cooperative development"),
    "transfer.patent": ("技术转让（专利权）", "Transfer of a patent"),
    "transfer.patent_application": ("技术转让（专利申请权）", "Transfer of a patent application"),
    "transfer.know_how": ("技术转让（技术秘密）", "Transfer of know-how"),
    "license.patent": ("技术许可（专利实施）", "Patent licence"),
    "license.know_how": ("技术许可（技术秘密）", "Know-how licence"),
    "consulting": ("技术咨询", "Technical consulting"),
    "service": ("技术服务", "Technical service"),
    "service.training": ("技术服务（培训）", "Technical training"),
    "service.intermediary": ("技术服务（中介）", "Technical intermediary service"),
}


def choices() -> list[tuple[str, str]]:
    """Code and name in the reader's language, for forms."""
    return [(code, pick(*names)) for code, names in CONTRACT_TYPES.items()]


def name_of(code: str) -> str:
    names = CONTRACT_TYPES.get(code)
    return pick(*names) if names else code
