"""Files of demands: each good row becomes a draft that the company completes and submits."""

from collections.abc import Iterable, Sequence
from typing import Any, ClassVar

from marketplace.catalogue.importing import adapters
from marketplace.catalogue.importing.achievements import protection
from marketplace.catalogue.importing.faults import RowFault
from marketplace.catalogue.importing.rows import Row
from marketplace.catalogue.models import IprStatus
from marketplace.common import hashing
from marketplace.common.codes import industries, regions
from marketplace.common.search import is_chinese
from marketplace.common.text import bi
from marketplace.demands.models import LONGEST_TEXT, Demand
from marketplace.demands.workflow import DemandState

MAX_YUAN = 10_000_000_000
INDICATOR_COLUMNS = ("name_zh", "name_en", "current", "target", "method_zh", "method_en")


def register() -> None:
    """Make files of demands importable (called once, at start)."""
    adapters.register("demands", DemandAdapter)


class DemandAdapter(adapters.Adapter[Demand]):
    """Columns without a language go to the side in whose script they are written; amounts are whole yuan."""

    label = bi("需求", "Demands")
    ledger_type = "demand.batch"
    columns: ClassVar = {
        "ref": ("编号", "需求编号"),
        "owner": ("单位", "organisation"),
        "title": ("名称", "需求名称"),
        "title_zh": ("中文名称",),
        "title_en": ("英文名称",),
        "text": ("说明", "summary", "description"),
        "text_zh": ("中文说明",),
        "text_en": ("英文说明",),
        "keywords": ("关键词",),
        "industry_code": ("行业代码", "industry"),
        "region_code": ("地区代码", "region"),
        "budget_min_yuan": ("预算下限",),
        "budget_max_yuan": ("预算上限",),
        "readiness_wanted": ("期望成熟度",),
        "ipr_wanted": ("知识产权要求", "ipr"),
        "indicators": ("技术指标",),
    }
    required: ClassVar = (("ref",), ("title", "title_zh", "title_en"))
    imported: ClassVar = (
        "ref",
        "title_zh",
        "title_en",
        "text_zh",
        "text_en",
        "keywords",
        "industry_code",
        "region_code",
        "budget_min_fen",
        "budget_max_fen",
        "readiness_wanted",
        "ipr_wanted",
        "indicators",
    )

    def parse(self, row: Row) -> Demand:
        title_zh, title_en = _sides(row, "title", 120, 200)
        if not (title_zh or title_en):
            raise RowFault("title", "不能为空。", "This may not be empty.")
        text_zh, text_en = _sides(row, "text", LONGEST_TEXT, LONGEST_TEXT)
        low, high = _budget(row)
        demand = Demand(
            organisation=self.organisation,
            ref=row.text("ref", longest=80, required=True),
            title_zh=title_zh,
            title_en=title_en,
            text_zh=text_zh,
            text_en=text_en,
            keywords=row.words("keywords", longest=40, most=30),
            industry_code=row.code("industry_code", industries.check),
            region_code=row.code("region_code", regions.check, default=self.organisation.region_code),
            budget_min_fen=low,
            budget_max_fen=high,
            readiness_wanted=row.integer("readiness_wanted", lowest=1, highest=9),
            ipr_wanted=_protections(row),
            indicators=_indicators(row),
        )
        demand.content_hash = self.fingerprint(demand)
        return demand

    def key(self, obj: Demand) -> str:
        return obj.ref

    def existing(self, keys: Sequence[str]) -> Iterable[Demand]:
        rows = Demand._base_manager.select_for_update(no_key=True)
        return rows.filter(organisation=self.organisation, ref__in=keys).order_by("pk")

    def update(self, stored: Demand, wanted: Demand) -> bool:
        """A file changes drafts only; a row that says what it said before changes nothing."""
        if stored.content_hash == wanted.content_hash:
            return False
        if stored.state != DemandState.DRAFT:
            raise RowFault("ref", "该需求已提交，不能由文件修改。", "This demand has been submitted: a file does not change it.")
        stored.content_hash = wanted.content_hash
        super().update(stored, wanted)
        return True

    def fingerprint(self, obj: Demand) -> str:
        """What the file said, so that a later import knows its own row even after people completed the draft."""
        said = self.content(obj)
        if not obj.ipr_wanted:
            del said["ipr_wanted"]  # rows that were imported before files had this column said nothing of it
        return hashing.sha256_of(said)


def _sides(row: Row, name: str, longest_zh: int, longest_en: int) -> tuple[str, str]:
    zh, en = row.text(f"{name}_zh", longest=longest_zh), row.text(f"{name}_en", longest=longest_en)
    plain = row.text(name, longest=longest_en)
    if not plain:
        return zh, en
    if is_chinese(plain):
        return row.text(name, longest=longest_zh), en
    return zh, en or plain


def _budget(row: Row) -> tuple[int | None, int | None]:
    low = row.integer("budget_min_yuan", lowest=1, highest=MAX_YUAN)
    high = row.integer("budget_max_yuan", lowest=1, highest=MAX_YUAN)
    low, high = (low or high), (high or low)
    if low is None or high is None:
        return None, None
    if low > high:
        raise RowFault("budget_max_yuan", "预算上限低于下限。", "The budget's upper end is below its lower end.")
    return low * 100, high * 100


def _protections(row: Row) -> list[str]:
    named = row.words("ipr_wanted", longest=40, most=len(IprStatus))
    return list(dict.fromkeys(protection(name, "ipr_wanted") for name in named))


def _indicators(row: Row) -> list[dict[str, Any]]:
    given = row.cells.get("indicators") or []
    if not isinstance(given, list) or len(given) > 30 or not all(isinstance(item, dict) for item in given):
        raise RowFault("indicators", "应为至多 30 项的列表（仅 JSONL 支持）。", "A list of at most 30 items is needed (JSONL only).")
    shown = []
    for item in given:
        cells = Row(row.line, item)
        one = {name: cells.text(name, longest=300) for name in INDICATOR_COLUMNS}
        if not one["target"] or not (one["name_zh"] or one["name_en"]):
            raise RowFault("indicators", "每项须有名称和目标值。", "Each indicator needs a name and a target.")
        shown.append(one)
    return shown
