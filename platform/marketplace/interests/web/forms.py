"""What people write about a saved search."""

from collections.abc import Callable
from typing import Any

from django import forms

from marketplace.common.codes import industries, readiness, regions
from marketplace.common.text import bi
from marketplace.interests.models import Frequency, InterestKind, Weekday

HOURS = [(hour, f"{hour:02d}:00") for hour in range(24)]


def _places() -> list[tuple[str, Any]]:
    provinces = [(code, bi(f"{zh}（全部）", f"All of {en}")) for code, (zh, en) in regions.PROVINCES.items()]
    return [*provinces, *regions.choices()]


def _hour(zh: str, en: str, initial: int, help_text: Any = "") -> forms.TypedChoiceField:
    return forms.TypedChoiceField(label=bi(zh, en), choices=HOURS, coerce=int, initial=initial, help_text=help_text)


def _several(zh: str, en: str, choices: Callable[[], Any]) -> forms.MultipleChoiceField:
    return forms.MultipleChoiceField(
        label=bi(zh, en),
        choices=choices,
        required=False,
        widget=forms.SelectMultiple(attrs={"size": 8}),
        help_text=bi("可多选：按住 Ctrl（Mac 为 ⌘）点选；不选即不限。", "Hold Ctrl (⌘ on a Mac) to choose several; none: any."),
    )


class InterestForm(forms.Form):
    """A saved search and its schedule; hours are those of Beijing."""

    kind = forms.ChoiceField(
        label=bi("关注什么", "Look for"), choices=InterestKind.choices, widget=forms.RadioSelect, initial=InterestKind.DEMAND
    )
    text = forms.CharField(
        label=bi("主题", "Topic"),
        max_length=200,
        required=False,
        help_text=bi("用几个词描述，例如：碳化硅 密封 耐碱", "A few words, e.g. silicon carbide seals alkali"),
    )
    region_codes = _several("地区", "Regions", _places)
    industry_codes = _several("行业", "Industries", industries.choices)
    readiness = forms.TypedChoiceField(
        label=bi("技术就绪度", "Readiness"),
        choices=lambda: [("", "—"), *readiness.choices()],
        coerce=int,
        empty_value=None,
        required=False,
        help_text=bi(
            "成果：不低于此级；需求：期望不高于此级；团队和专家不填。",
            "Solutions: at least this; demands: wanting no more than this; none for teams and experts.",
        ),
    )
    frequency = forms.ChoiceField(
        label=bi("推送周期", "How often"), choices=Frequency.choices, widget=forms.RadioSelect, initial=Frequency.DAILY
    )
    weekday = forms.TypedChoiceField(label=bi("每周推送的日子", "Day of a weekly digest"), choices=Weekday.choices, coerce=int, initial=0)
    hour = _hour("推送时间（北京时间）", "Hour (Beijing time)", 9)
    quiet_from = _hour("免打扰开始", "Quiet from", 22)
    quiet_until = _hour("免打扰结束", "Quiet until", 7, bi("两者相同即不设免打扰。", "The same hour twice: no quiet hours."))
    by_mail = forms.BooleanField(label=bi("同时发送邮件", "By mail too"), required=False, initial=True)
    name = forms.CharField(
        label=bi("名称", "Name"), max_length=60, required=False, help_text=bi("不填则用主题。", "The topic where none is given.")
    )
