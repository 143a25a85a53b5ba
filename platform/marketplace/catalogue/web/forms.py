"""What the pages of the catalogue ask; the rules stand in the services."""

import re
from typing import Any

from django import forms

from marketplace.accounts.models import Person
from marketplace.catalogue.importing import adapters
from marketplace.catalogue.models import Achievement, Expert, IprStatus, Team
from marketplace.common.codes import industries, readiness, regions
from marketplace.common.text import bi
from marketplace.web.fields import MoneyField


class WordsField(forms.CharField):
    """A short list, written in one line with commas or 、 between; cleans to a list."""

    def __init__(self, *, longest: int = 60, **options: Any) -> None:
        super().__init__(required=False, help_text=bi("用逗号或顿号分隔，最多 30 项。", "Commas between; at most 30."), **options)
        self.longest = longest

    def clean(self, value: Any) -> Any:
        words = [word.strip() for word in re.split(r"[;；,，、\n]", super().clean(value)) if word.strip()]
        if len(words) > 30 or any(len(word) > self.longest for word in words):
            raise forms.ValidationError(
                bi(f"最多 30 项，每项不超过 {self.longest} 个字符。", f"At most 30, each of up to {self.longest} characters.")
            )
        return list(dict.fromkeys(words))

    def prepare_value(self, value: Any) -> Any:
        return "，".join(value) if isinstance(value, list) else value


def _text(zh: str, en: str, *, longest: int) -> forms.CharField:
    return forms.CharField(label=bi(zh, en), max_length=longest, required=False, widget=forms.Textarea(attrs={"rows": 5}))


def _line(zh: str, en: str, *, longest: int, required: bool = False) -> forms.CharField:
    return forms.CharField(label=bi(zh, en), max_length=longest, required=required)


class TeamForm(forms.Form):
    name_zh = _line("中文名称", "Chinese name", longest=120)
    name_en = _line("英文名称", "English name", longest=160)
    principal_investigator = _line("负责人", "Principal investigator", longest=80, required=True)
    summary_zh = _text("中文简介", "Chinese summary", longest=4000)
    summary_en = _text("英文简介", "English summary", longest=6000)
    capabilities_zh = WordsField(label=bi("能力（中文）", "Capabilities in Chinese"))
    capabilities_en = WordsField(label=bi("能力（英文）", "Capabilities in English"))
    region_code = forms.ChoiceField(label=bi("所在地区", "Region"), choices=regions.choices)
    industry_codes = forms.MultipleChoiceField(label=bi("行业", "Industries"), choices=industries.choices, required=False)
    ref = _line("单位内部编号", "Your own reference", longest=64)


class ExpertForm(forms.Form):
    fields_zh = WordsField(label=bi("专长（中文）", "Fields in Chinese"))
    fields_en = WordsField(label=bi("专长（英文）", "Fields in English"))
    summary_zh = _text("中文简介", "Chinese summary", longest=4000)
    summary_en = _text("英文简介", "English summary", longest=6000)
    region_code = forms.ChoiceField(label=bi("所在地区", "Region"), choices=regions.choices)
    industry_codes = forms.MultipleChoiceField(label=bi("行业", "Industries"), choices=industries.choices, required=False)


class NewExpertForm(ExpertForm):
    person = forms.TypedChoiceField(
        label=bi("本单位成员", "Member of your organisation"),
        coerce=str,
        help_text=bi("入库后，姓名与下列内容对所有人公开。", "Once listed, the name and what follows are public."),
    )
    field_order = ("person",)

    def __init__(self, *args: Any, members: list[Person], **options: Any) -> None:
        super().__init__(*args, **options)
        person = self.fields["person"]
        assert isinstance(person, forms.ChoiceField)
        person.choices = [(str(each.pk), each.name) for each in members]


def _last_day(help_text: Any) -> forms.DateField:
    return forms.DateField(
        label=bi("保护期至", "Protected until"),
        required=False,
        widget=forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d"),
        help_text=help_text,
    )


class AchievementForm(forms.Form):
    ref = _line("编号", "Reference", longest=64, required=True)
    title_zh = _line("中文名称", "Chinese title", longest=200)
    title_en = _line("英文名称", "English title", longest=300)
    summary_zh = _text("中文简介", "Chinese summary", longest=8000)
    summary_en = _text("英文简介", "English summary", longest=12000)
    keywords_zh = WordsField(label=bi("关键词（中文）", "Keywords in Chinese"))
    keywords_en = WordsField(label=bi("关键词（英文）", "Keywords in English"), longest=120)
    region_code = forms.ChoiceField(label=bi("所在地区", "Region"), choices=regions.choices)
    industry_code = forms.ChoiceField(label=bi("行业", "Industry"), choices=lambda: [("", "—"), *industries.choices()], required=False)
    readiness = forms.TypedChoiceField(
        label=bi("技术就绪度", "Readiness"),
        choices=lambda: [("", "—"), *readiness.choices()],
        coerce=int,
        empty_value=None,
        required=False,
    )
    ipr_status = forms.ChoiceField(label=bi("知识产权", "Protection"), choices=IprStatus.choices)
    protected_until = _last_day(
        bi(
            "已授权专利或软件著作权的最后一日，可不填；此后，要求此类保护的需求不再匹配到它。",
            "The last day of a granted patent or a software copyright, if known; demands that want it in force do not find it later.",
        )
    )
    price_fen = MoneyField(
        label=bi("意向价格", "Asking price"),
        required=False,
        help_text=bi(
            "不填即面议；填写后，预算不足的需求不会匹配到它。",
            "None: to be negotiated. With one, demands that cannot pay it do not find it.",
        ),
    )
    team_id = forms.TypedChoiceField(label=bi("团队", "Team"), coerce=str, empty_value=None, required=False)

    def __init__(self, *args: Any, teams: list[Team], **options: Any) -> None:
        super().__init__(*args, **options)
        team = self.fields["team_id"]
        assert isinstance(team, forms.ChoiceField)
        team.choices = [("", "—"), *((str(each.pk), each.name) for each in teams)]


class AmendForm(forms.Form):
    """What may be changed of a published achievement."""

    protected_until = _last_day(
        bi(
            "此日之后，要求此类保护的需求不再匹配到它。留空即删除，视为未写明到期。",
            "Demands that want it in force do not find it after this day. Empty removes the day: then none is stated.",
        )
    )


class ImportForm(forms.Form):
    kind = forms.ChoiceField(label=bi("内容", "Content"))
    file = forms.FileField(
        label=bi("文件", "File"),
        help_text=bi(
            "JSONL、CSV 或 XLSX，UTF-8 编码，最大 200 MB。重复上传同一文件不会产生重复数据。",
            "JSONL, CSV or XLSX in UTF-8, up to 200 MB. Sending a file again changes nothing.",
        ),
    )

    def __init__(self, *args: Any, **options: Any) -> None:
        super().__init__(*args, **options)
        labels = ((kind, adapters.named(kind)) for kind in adapters.kinds())
        kind_field = self.fields["kind"]
        assert isinstance(kind_field, forms.ChoiceField)
        kind_field.choices = [(kind, adapter.label) for kind, adapter in labels if adapter]


def stored(thing: Team | Achievement | Expert, form: type[forms.Form]) -> dict[str, Any]:
    """What a form starts from when a stored thing is edited."""
    return {name: getattr(thing, name) for name in form.base_fields}
