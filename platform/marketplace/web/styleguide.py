"""Invented data that shows each component once; nothing here is read from the database."""

from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any

from django import forms
from django.utils.html import format_html
from django.utils.safestring import SafeString

from marketplace.common.text import bi, pick
from marketplace.web.charts import Column, Mark, columns, heat, steps, waterfall
from marketplace.web.fields import MoneyField

NOW = datetime(2026, 11, 22, 1, 40, tzinfo=UTC)
WAN = 1_000_000


@dataclass(frozen=True, slots=True)
class Term:
    label: Any
    value: float
    place: int


@dataclass(frozen=True, slots=True)
class Match:
    title: Any
    text: Any
    score: float
    terms: tuple[Term, ...]
    href: str = "#matches"
    judge: dict[str, Any] | None = None


@dataclass(frozen=True, slots=True)
class Entry:
    seq: int | None
    words: Any
    leaf_hash: str
    at: datetime
    status: str = "sealed"
    sealed: bool = False
    href: str = "#ledger"


@dataclass(frozen=True, slots=True)
class Offer:
    action: str
    label: Any
    tone: str
    allowed: bool = True
    reason: Any = None


@dataclass(frozen=True, slots=True)
class Milestone:
    code: str
    title: Any
    when: Any
    share: str
    fen: int


@dataclass(frozen=True, slots=True)
class Tone:
    label: Any
    badges: list[tuple[str, str, Any]] = field(default_factory=list)


class SampleForm(forms.Form):
    """One field of each kind."""

    title = forms.CharField(
        label=bi("需求标题", "Title"), help_text=bi("一句话说清要解决什么，40 字以内。", "One line that says what is to be solved.")
    )
    amount = MoneyField(
        label=bi("认筹金额", "Amount"), least=100 * 100, help_text=bi("单家上限 400,000.00 元。", "At most CNY 400,000.00 each.")
    )
    mode = forms.ChoiceField(
        label=bi("方式", "Mode"),
        widget=forms.RadioSelect,
        choices=[("open", bi("揭榜，择一队签约", "Open call, one team")), ("race", bi("赛马，多队并行", "Race, several teams"))],
    )
    region = forms.ChoiceField(
        label=bi("地区", "Region"), choices=[("12", bi("天津", "Tianjin")), ("13", bi("河北", "Hebei"))], required=False
    )
    detail = forms.CharField(label=bi("说明", "Details"), widget=forms.Textarea(attrs={"rows": 4}), required=False)
    risk = forms.BooleanField(
        label=bi(
            "已阅读风险揭示书第 4 版，知悉不承诺本金与收益", "I have read risk disclosure no. 4: neither principal nor return is promised"
        )
    )


def _marked(word: str) -> SafeString:
    return format_html("<mark>{}</mark>", word)


def _terms(*values: float) -> tuple[Term, ...]:
    names = (bi("文本", "Text"), bi("关键词", "Keywords"), bi("行业", "Sector"), bi("成熟度", "Readiness"), bi("地域", "Region"))
    return tuple(Term(name, value, place) for place, (name, value) in enumerate(zip(names, values, strict=True), start=1))


def _tones() -> list[Tone]:
    return [
        Tone(bi("进行", "Under way"), [("info", "", bi("揭榜中", "Open for bids")), ("info", "", bi("募资中", "Raising"))]),
        Tone(
            bi("待人", "Waiting"),
            [("warn", "", bi("评审中", "In review")), ("warn", "", bi("冷静期", "Cooling off")), ("warn", "alert", bi("逾期", "Overdue"))],
        ),
        Tone(bi("完成", "Done"), [("ok", "", bi("已签署", "Signed")), ("ok", "", bi("已入账本", "Included"))]),
        Tone(bi("终止", "Ended"), [("bad", "", bi("已终止", "Terminated")), ("bad", "alert", bi("争议中", "Disputed"))]),
        Tone(
            bi("中性", "Neutral"),
            [
                ("neutral", "", bi("草稿", "Draft")),
                ("neutral", "page", bi("公示中", "On notice")),
                ("neutral", "pause", bi("暂停", "Paused")),
            ],
        ),
    ]


def _pictures() -> dict[str, Any]:
    raised = [(0.02, 12), (0.1, 20), (0.16, 33), (0.25, 38), (0.32, 45), (0.38, 58), (0.46, 62.5), (0.5, 92.5), (0.63, 103), (0.7, 112.5)]
    flow = [("25Q3", -148), ("25Q4", -64), ("26Q1", -132), ("26Q2", 22), ("26Q3", 31), ("26Q4", 35)]
    escrow = [
        Column(pick("甲方托管", "Company"), 60, "+60.00"),
        Column(pick("丙方认筹", "Funders"), 90, "+90.00"),
        Column(pick("M1 划付", "M1 paid"), -30, "−30.00", css="f-money"),
        Column(pick("M2 划付", "M2 paid"), -45, "−45.00", css="f-money"),
        Column(pick("托管余额", "In escrow"), 75, "75.00", css="f-text", total=True),
        Column(pick("M3 待划付", "M3 due"), -45, "−45.00", planned=True),
        Column(pick("M4 待划付", "M4 due"), -30, "−30.00", planned=True),
    ]
    hours = [f"{h:02d}" if h % 3 == 0 else "" for h in range(12)]
    activity = [
        (pick("需求", "Demands"), [0, 0, 0, 1, 1, 5, 6, 5, 5, 2, 5, 3]),
        (pick("资金", "Money"), [0, 1, 4, 10, 14, 12, 16, 12, 5, 6, 8, 7]),
    ]
    return {
        "curve": steps(
            points=raised,
            top=160,
            shown="112.50",
            ends=("10-25", pick("12-04 截止", "12-04 end")),
            title=pick("累计认筹", "Pledged in total"),
            guides=[Mark(90, pick("最低 90", "Min. 90")), Mark(150, pick("最优 150", "Best 150"))],
            desc=pick("十步，到 112.50 万元", "Ten steps to ¥1.125 million"),
        ),
        "flow": columns(
            data=[Column(q, v, f"{v:+d}".replace("-", "−"), css="f-money" if v > 0 else "f-brand") for q, v in flow],
            title=pick("现金流，万元", "Cash flow, ten thousand yuan"),
            desc=pick("六个季度", "Six quarters"),
        ),
        "waterfall": waterfall(
            data=escrow, title=pick("托管资金，万元", "Escrow, ten thousand yuan"), desc=pick("托管余额 75.00", "75.00 in escrow")
        ),
        "heat": heat(rows=activity, heads=hours, title=pick("账本活动", "Ledger activity"), desc=pick("按小时条数", "Entries by hour")),
    }


def samples() -> dict[str, Any]:
    """Everything the style guide shows."""
    wrong = SampleForm({"wrong-title": "", "wrong-amount": "12.345", "wrong-mode": "open"}, prefix="wrong")
    return {
        "tones": _tones(),
        "now": NOW,
        "dues": [NOW + timedelta(days=18), NOW + timedelta(days=2, hours=3), NOW + timedelta(hours=5, minutes=12), NOW - timedelta(days=1)],
        "started": NOW - timedelta(days=12),
        "figures": [
            {"label": bi("已认筹", "Pledged"), "value": bi("112.50", "¥1.13"), "unit": bi("万元", "million"), "tone": "accent"},
            {"label": bi("占最优目标", "Of the best goal"), "value": "75.0", "unit": "%"},
            {"label": bi("出资机构", "Funders"), "value": "8", "unit": bi("家，上限 20", "of 20 at most")},
            {"label": bi("剩余", "Left"), "value": "12", "unit": bi("天", "days"), "note": "2026-12-04 17:00 (UTC+8)"},
        ],
        "confirmed": 92_500_000,
        "cooling": 20_000_000,
        "minimum": 90 * WAN,
        "optimum": 150 * WAN,
        "missing": 37_500_000,
        "milestones": [
            Milestone("M1", bi("配方与小样", "Formula and samples"), bi("签约后 2 个月", "Month 2"), "20%", 30 * WAN),
            Milestone("M2", bi("台架 3,000 小时", "3,000 h on the rig"), bi("第 6 个月", "Month 6"), "30%", 45 * WAN),
            Milestone("M3", bi("台架 8,000 小时", "8,000 h on the rig"), bi("第 15 个月", "Month 15"), "30%", 45 * WAN),
            Milestone("M4", bi("批量 500 件", "Batch of 500"), bi("第 18 个月", "Month 18"), "20%", 30 * WAN),
        ],
        "shares": [30, 45, 45, 30],
        "progress": [1.0, 1.0, 0.38, 0.0],
        "uses": [
            (bi("台架试验与第三方检测", "Rig and third-party tests"), 48),
            (bi("粉体与烧结", "Powder and sintering"), 40),
            (bi("人员", "People"), 36),
        ],
        "facts": [
            {"label": bi("截标", "Bids close"), "value": bi("剩 18 天 7 小时", "18 d 7 h left"), "note": "2026-12-10 17:00 (UTC+8)"},
            {"label": bi("标书", "Bids"), "value": bi("密封，开标时公布数量", "Sealed, counted on opening")},
            {"label": bi("成熟度", "Readiness"), "value": "TRL 5 → 8"},
        ],
        "matches": [
            Match(
                bi("燕汀工业大学　陶瓷与密封研究所", "Yanting University of Technology, Ceramics and Seals"),
                format_html(
                    pick("无压烧结{}端面织构化{}", "Textured {} {}"),
                    _marked(pick("碳化硅", "silicon carbide")),
                    _marked(pick("密封环", "seal rings")),
                ),
                0.84,
                _terms(0.33, 0.21, 0.14, 0.09, 0.07),
            ),
            Match(
                bi("津野理工大学　表面工程课题组", "Jinye Institute of Science, Surface Engineering"),
                bi("类金刚石涂层", "Diamond-like coating"),
                0.74,
                _terms(0.29, 0.15, 0.14, 0.09, 0.07),
            ),
        ],
        "entries": [
            Entry(48_217, bi("里程碑 M2 划付 45.00 万元", "Milestone M2 paid ¥450,000"), "9f20c7d1" + "00" * 24 + "08be55a2", NOW),
            Entry(
                48_150, bi("里程碑 M2 验收通过", "Milestone M2 accepted"), "b2d6403f" + "00" * 24 + "7710ce94", NOW - timedelta(hours=17)
            ),
            Entry(
                48_149,
                bi("密封条目，仅当事人可读", "Readable by its parties only"),
                "41be07aa" + "00" * 24 + "c88215f3",
                NOW - timedelta(hours=18),
                sealed=True,
            ),
            Entry(None, bi("验收报告提交", "Acceptance report filed"), "", NOW, status="pending"),
        ],
        "root": "7c1e04ab" + "5d" * 24 + "e1f09d33",
        "events": [
            {
                "title": bi("M2 划付 45.00 万元", "M2 paid ¥450,000"),
                "at": NOW,
                "note": bi("财务一、财务二复核", "Reviewed by two"),
                "ref": "#48,217",
                "href": "#ledger",
                "tone": "money",
            },
            {
                "title": bi("M2 验收通过", "M2 accepted"),
                "at": NOW - timedelta(hours=17),
                "note": bi("甲方、第三方检测", "Company, third party"),
                "ref": "#48,150",
                "href": "#ledger",
            },
            {"title": bi("三方签署完成", "Signed by three parties"), "at": NOW - timedelta(days=300), "ref": "#32,310", "href": "#ledger"},
        ],
        "actions": [
            Offer("bid", bi("我要投标", "Bid"), "primary"),
            Offer("cancel", bi("终止协议", "Terminate"), "danger"),
            Offer(
                "award",
                bi("选定标书", "Select a bid"),
                "secondary",
                allowed=False,
                reason=bi("评审尚未结束，还差 2 位专家。", "The review is not over: two experts are missing."),
            ),
        ],
        "linked": ("bid",),
        "base_url": "#",
        "form": wrong,
        "fresh": SampleForm(initial={"amount": 10_000_000}),
        "amounts": [30 * WAN, 45 * WAN, 28_600_000_000],
        **_pictures(),
    }
