"""Files of achievements: published at once, as declared by the institution and not verified."""

from collections.abc import Iterable, Sequence
from datetime import timedelta
from typing import Any, ClassVar
from weakref import WeakSet

from marketplace.catalogue.importing.adapters import Adapter
from marketplace.catalogue.importing.faults import RowFault, both
from marketplace.catalogue.importing.rows import Row
from marketplace.catalogue.models import UNTIL_A_DAY, Achievement, IprStatus, Team
from marketplace.catalogue.services.drafting import NO_DAY
from marketplace.catalogue.workflow import AchievementState
from marketplace.common import clock, outbox, policy
from marketplace.common.codes import industries, regions
from marketplace.common.search import is_chinese
from marketplace.common.text import bi

MAX_YUAN = 10_000_000_000


def protection(text: str, column: str = "ipr_status") -> str:
    """The kind of protection by its code or by its name in either language; RowFault for the column where it is none."""
    for value in IprStatus:
        if text.lower() in {value.value, *(name.lower() for name in both(value.label))}:
            return value.value
    listed = ", ".join(IprStatus.values)
    raise RowFault(column, f"应为下列之一：{listed}。", f"One of these is needed: {listed}.")


class AchievementAdapter(Adapter[Achievement]):
    """Columns without a language go to the side in whose script they are written."""

    label = bi("成果", "Achievements")
    ledger_type = "achievement.batch"
    columns: ClassVar = {
        "ref": ("编号", "成果编号"),
        "owner": ("单位", "organisation"),
        "team": ("团队",),
        "title": ("名称", "成果名称"),
        "title_zh": ("中文名称",),
        "title_en": ("英文名称",),
        "summary": ("简介", "摘要", "text", "abstract"),
        "summary_zh": ("中文简介",),
        "summary_en": ("英文简介",),
        "keywords": ("关键词",),
        "keywords_zh": ("中文关键词",),
        "keywords_en": ("英文关键词",),
        "industry_code": ("行业代码", "industry"),
        "region_code": ("地区代码", "region"),
        "readiness": ("技术就绪度", "trl"),
        "ipr_status": ("知识产权", "ipr"),
        "protected_until": ("保护期至",),
        "price_yuan": ("意向价格",),
    }
    required: ClassVar = (("ref",), ("title", "title_zh", "title_en"))
    imported: ClassVar = (
        "ref",
        "team_id",
        "title_zh",
        "title_en",
        "summary_zh",
        "summary_en",
        "keywords_zh",
        "keywords_en",
        "industry_code",
        "region_code",
        "readiness",
        "ipr_status",
        "protected_until",
        "price_fen",
    )

    def __init__(self, **who: Any) -> None:
        super().__init__(**who)
        teams = Team.objects.filter(organisation=self.organisation).only("id", "ref", "name_zh", "name_en")
        self.teams = {name: team.pk for team in teams for name in (team.name_en, team.name_zh, team.ref) if name}
        # Rows of files that do not know the column; they go with their batch.
        self.without_day: WeakSet[Achievement] = WeakSet()
        self.policy = policy.stamp()
        self.expires_at = clock.now() + timedelta(seconds=policy.current().supply_validity_seconds)

    def parse(self, row: Row) -> Achievement:
        title = self._sides(row, "title", 200, 300)
        if not any(title):
            raise RowFault("title", "不能为空。", "This may not be empty.")
        summary = self._sides(row, "summary", 8000, 12000)
        words_zh, words_en = self._words(row)
        price = row.integer("price_yuan", lowest=1, highest=MAX_YUAN)
        ipr_status, protected_until = row.code("ipr_status", protection, default=IprStatus.NONE), row.day("protected_until")
        if protected_until and ipr_status not in UNTIL_A_DAY:
            raise RowFault("protected_until", *NO_DAY)
        made = Achievement(
            organisation=self.organisation,
            ref=row.text("ref", longest=64, required=True),
            team_id=self._team(row),
            title_zh=title[0],
            title_en=title[1],
            summary_zh=summary[0],
            summary_en=summary[1],
            keywords_zh=words_zh,
            keywords_en=words_en,
            industry_code=row.code("industry_code", industries.check),
            region_code=row.code("region_code", regions.check, default=self.organisation.region_code),
            readiness=row.integer("readiness", lowest=1, highest=9),
            ipr_status=ipr_status,
            protected_until=protected_until,
            price_fen=price * 100 if price else None,
            expires_at=self.expires_at,
            policy=self.policy,
        )
        if "protected_until" not in row.cells:
            self.without_day.add(made)
        return made

    def key(self, obj: Achievement) -> str:
        return obj.ref

    def existing(self, keys: Sequence[str]) -> Iterable[Achievement]:
        rows = Achievement._base_manager.select_for_update(no_key=True)
        return rows.filter(organisation=self.organisation, ref__in=keys).order_by("pk")

    def update(self, stored: Achievement, wanted: Achievement) -> bool:
        """What a file changes is again only declared; what is not on public view is not changed by a file."""
        state = stored.state
        if not super().update(stored, wanted):
            return False
        if state != AchievementState.PUBLISHED:
            zh, en = both(stored.state_label)
            raise RowFault("ref", f"此成果处于「{zh}」，不能由文件修改。", f"This achievement is “{en}”: a file does not change it.")
        stored.declared = True
        return True

    def kept(self, stored: Achievement, wanted: Achievement) -> dict[str, Any]:
        """The last day, where the file does not know its column and the protection is still the same."""
        keeps = wanted in self.without_day and wanted.ipr_status == stored.ipr_status
        return {"protected_until": stored.protected_until} if keeps else {}

    def after_batch(self, objs: Sequence[Achievement]) -> None:
        """One event for the whole batch, which the matcher follows."""
        ids = [str(obj.pk) for obj in objs]
        outbox.emit("achievement.imported", kind="organisation", object_id=self.organisation.pk, payload={"ids": ids})

    def _team(self, row: Row) -> Any:
        name = row.text("team", longest=160)
        if name and name not in self.teams:
            raise RowFault("team", f"本单位没有团队「{name}」。", f"The organisation has no team “{name}”.")
        return self.teams.get(name)

    def _sides(self, row: Row, name: str, longest_zh: int, longest_en: int) -> tuple[str, str]:
        """A text in Chinese and in English; the column without a language fills the side of its script."""
        zh, en = row.text(f"{name}_zh", longest=longest_zh), row.text(f"{name}_en", longest=longest_en)
        plain = row.text(name, longest=longest_en)
        if not plain:
            return zh, en
        side = "zh" if is_chinese(plain) else "en"
        if zh if side == "zh" else en:
            raise RowFault(name, f"{name} 与 {name}_{side} 不能同时填写。", f"Fill either {name} or {name}_{side}.")
        return (row.text(name, longest=longest_zh), en) if side == "zh" else (zh, plain)

    def _words(self, row: Row) -> tuple[list[str], list[str]]:
        zh, en = (row.words(f"keywords_{side}", longest=longest, most=30) for side, longest in (("zh", 60), ("en", 120)))
        plain = row.words("keywords", longest=60, most=30)
        if any(is_chinese(word) for word in plain):
            return list(dict.fromkeys([*zh, *plain]))[:30], en
        return zh, list(dict.fromkeys([*en, *plain]))[:30]
