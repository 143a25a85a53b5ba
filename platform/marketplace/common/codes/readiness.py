"""Technology readiness: the nine-level scale of national R&D programmes, kept with its edition."""

from marketplace.common.text import pick

SCALE = "TRL9"
EDITION = "GB/T 22900-2022"

TRL9: dict[int, tuple[str, str]] = {
    1: ("基本原理清晰", "Basic principles observed"),
    2: ("技术概念和应用设想明确", "Concept and application formulated"),
    3: ("概念通过可行性论证", "Feasibility of the concept shown"),
    4: ("实验室环境验证", "Validated in the laboratory"),
    5: ("模拟使用环境验证", "Validated in a simulated environment"),
    6: ("样机在典型模拟环境演示", "Prototype shown in a typical simulated environment"),
    7: ("工程样机在典型使用环境验证", "Engineering prototype in a typical use environment"),
    8: ("产品通过使用验证和试用", "Product proved in trial use"),
    9: ("产品实际应用", "Product in actual use"),
}


def choices() -> list[tuple[int, str]]:
    """Level and meaning in the reader's language, for forms."""
    return [(level, f"TRL {level} · {pick(*names)}") for level, names in TRL9.items()]
