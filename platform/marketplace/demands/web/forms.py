"""What people write about demands and bids."""

from collections.abc import Mapping
from typing import Any
from uuid import UUID

from django import forms
from django.core.exceptions import ValidationError
from django.http import QueryDict

from marketplace.catalogue.models import Achievement, IprStatus, Team
from marketplace.common.codes import industries, readiness, regions
from marketplace.common.text import bi, storable
from marketplace.demands.models import LONGEST_TEXT, Bid, DemandMode, RefusalReason
from marketplace.demands.services.suggesting import Draft
from marketplace.web.fields import MoneyField

MAX_MILESTONES = 5
# So much of a text is compared with others while it is written.
READ = 5_000


def _area(rows: int) -> forms.Textarea:
    return forms.Textarea(attrs={"rows": rows})


def _text(label: Any, *, rows: int, told: Any = "") -> forms.CharField:
    """A text of a demand, which a draft need not have yet."""
    return forms.CharField(label=label, max_length=LONGEST_TEXT, widget=_area(rows), required=False, help_text=told)


class DemandForm(forms.Form):
    """A demand as the company writes it; a draft may be incomplete."""

    title_zh = forms.CharField(label=bi("标题（中文）", "Title (Chinese)"), max_length=120, required=False)
    title_en = forms.CharField(label=bi("标题（英文）", "Title (English)"), max_length=200, required=False)
    mode = forms.ChoiceField(label=bi("方式", "Mode"), choices=DemandMode.choices)
    text_zh = _text(bi("需要什么（中文）", "What is needed (Chinese)"), rows=6)
    text_en = _text(bi("需要什么（英文）", "What is needed (English)"), rows=4)
    acceptance_zh = _text(bi("验收标准（中文）", "Acceptance criteria (Chinese)"), rows=3)
    acceptance_en = _text(bi("验收标准（英文）", "Acceptance criteria (English)"), rows=3)
    industry_code = forms.ChoiceField(label=bi("行业", "Industry"), required=False)
    region_code = forms.ChoiceField(label=bi("地区", "Region"))
    readiness_wanted = forms.TypedChoiceField(label=bi("期望成熟度", "Readiness wanted"), coerce=int, empty_value=None, required=False)
    ipr_wanted = forms.MultipleChoiceField(
        label=bi("知识产权要求", "Protection wanted"),
        choices=IprStatus.choices,
        required=False,
        widget=forms.CheckboxSelectMultiple,
        help_text=bi("可接受的知识产权状态；不选即不限。", "What would do; none chosen: any."),
    )
    budget_min_fen = MoneyField(
        label=bi("预算下限", "Budget from"), required=False, help_text=bi("领取任务只填上限。", "For a claim give the upper end only.")
    )
    budget_max_fen = MoneyField(label=bi("预算上限（或一口价）", "Budget to (or the fixed price)"), required=False)
    deadline = forms.DateTimeField(
        label=bi("截止时间", "Deadline"),
        required=False,
        input_formats=["%Y-%m-%dT%H:%M"],
        widget=forms.DateTimeInput(attrs={"type": "datetime-local"}, format="%Y-%m-%dT%H:%M"),
    )
    details_zh = _text(
        bi("保密说明", "Confidential details"),
        rows=4,
        told=bi("仅贵单位、中选团队和审核人员可见。", "Read only by you, the awarded team and the reviewers."),
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        pick = ("", bi("请选择", "Choose"))
        self.fields["industry_code"].choices = [pick, *industries.choices()]  # type: ignore[attr-defined]  # a ChoiceField
        if "region_code" in self.fields:
            self.fields["region_code"].choices = regions.choices()  # type: ignore[attr-defined]  # a ChoiceField
        self.fields["readiness_wanted"].choices = [pick, *readiness.choices()]  # type: ignore[attr-defined]  # a ChoiceField

    @staticmethod
    def draft_in(sent: QueryDict) -> Draft:
        """The public texts of what was sent so far, valid or not."""
        texts = {name: storable(sent.get(name, "")[:READ]) for name in ("title_zh", "title_en", "text_zh", "text_en")}
        return Draft(**texts, pk=_uuid(sent.get("but", "")))

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or {}
        if not (cleaned.get("title_zh") or cleaned.get("title_en")):
            self.add_error("title_zh", bi("请填写标题（中文或英文）。", "Give a title, in Chinese or in English."))
        low, high = cleaned.get("budget_min_fen"), cleaned.get("budget_max_fen")
        cleaned["budget_min_fen"], cleaned["budget_max_fen"] = (low or high), (high or low)
        return cleaned


class AmendForm(DemandForm):
    """The public terms of an open demand; mode, region and the confidential part stay as they are."""

    mode = None  # type: ignore[assignment]  # Django drops a field by None
    region_code = None  # type: ignore[assignment]
    details_zh = None  # type: ignore[assignment]


class AnswerForm(forms.Form):
    answer = forms.CharField(label=bi("答复", "Answer"), max_length=4000, widget=_area(4))


class TeamForm(forms.Form):
    """Which of the organisation's teams acts."""

    team = forms.ModelChoiceField(label=bi("团队", "Team"), queryset=Team.objects.none(), empty_label=None)

    def __init__(self, *args: Any, teams: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["team"].queryset = teams  # type: ignore[attr-defined]  # a ModelChoiceField


class BidForm(TeamForm):
    """A bid: price, plan and milestones, one per line as `title; days; percent`."""

    price_fen = MoneyField(label=bi("报价", "Price"))
    plan_zh = forms.CharField(label=bi("实施方案（中文）", "Plan (Chinese)"), widget=_area(8), required=False)
    plan_en = forms.CharField(label=bi("实施方案（英文）", "Plan (English)"), widget=_area(4), required=False)
    milestones = forms.CharField(
        label=bi("里程碑", "Milestones"),
        widget=_area(4),
        help_text=bi(
            "每行一个：名称；天数；比例%。比例之和为 100，例如：样件验证；60；40",
            "One per line: title; days; percent. They sum to 100, e.g. Samples; 60; 40",
        ),
    )

    def clean_milestones(self) -> list[dict[str, Any]]:
        rows = []
        for line in self.cleaned_data["milestones"].splitlines():
            parts = [part.strip() for part in line.replace("；", ";").split(";")]
            if not line.strip():
                continue
            if len(parts) != 3 or not parts[1].isdigit() or not parts[2].rstrip("%").isdigit():
                raise ValidationError(bi(f"无法读取「{line}」。", f"Cannot read “{line}”."))
            rows.append({"title_zh": parts[0], "title_en": "", "days": int(parts[1]), "share_bp": int(parts[2].rstrip("%")) * 100})
        return rows


class SelectForm(forms.Form):
    """Choose one opened bid, and say to each of the others why not."""

    def __init__(self, *args: Any, bids: list[Bid], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        named = [(str(bid.pk), f"{bid.team} · {bid.organisation}") for bid in bids]
        self.fields["bid"] = forms.ChoiceField(label=bi("选定", "Select"), choices=named, widget=forms.RadioSelect)
        for bid in bids:
            self.fields[f"reason_{bid.pk}"] = forms.ChoiceField(
                label=bi(f"若未中选：{bid.team} 的理由", f"If not selected: the reason for {bid.team}"), choices=RefusalReason.choices
            )
            self.fields[f"text_{bid.pk}"] = forms.CharField(label=bi("说明", "In words"), max_length=2000, required=False)


class QuestionForm(forms.Form):
    """A question, and what of the asker's own supply it is about, where there is any to choose."""

    text = forms.CharField(label=bi("问题", "Question"), max_length=2000, widget=_area(3))
    about = forms.ChoiceField(
        label=bi("与本单位的哪项供给有关", "About what you offer"),
        required=False,
        help_text=bi(
            "不公开，也不告诉需求方；只用于改进匹配。",
            "Shown to nobody, the poster included: it helps to improve matches.",
        ),
    )

    def __init__(self, *args: Any, own: Mapping[str, Achievement | Team], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self._own = own
        about = self.fields["about"]
        assert isinstance(about, forms.ChoiceField)
        choices: list[tuple[Any, Any]] = [("", bi("不选", "None"))]
        for label, kind in ((bi("成果", "Solutions"), Achievement), (bi("团队", "Teams"), Team)):
            if named := [(name, str(thing)) for name, thing in own.items() if isinstance(thing, kind)]:
                choices.append((label, named))
        about.choices = choices
        if not own:
            del self.fields["about"]

    def clean_about(self) -> Achievement | Team | None:
        return self._own.get(self.cleaned_data["about"])


def _uuid(text: str) -> UUID | None:
    try:
        return UUID(text)
    except ValueError:
        return None


class NoteForm(forms.Form):
    note = forms.CharField(label=bi("意见（可不填）", "Note (optional)"), max_length=2000, widget=_area(3), required=False)
