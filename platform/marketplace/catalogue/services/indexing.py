"""Public supply in the matcher's index, following every change by the outbox; what is not public is taken out."""

from collections.abc import Iterable
from uuid import UUID

from marketplace.catalogue.models import Achievement, Expert, Team
from marketplace.common import outbox
from marketplace.common.models import OutboxEvent
from matching.app import services as matcher


def install() -> None:
    """Follow achievements, teams and experts from the outbox (called once, at start)."""
    outbox.consumer("achievement.", "catalogue.index_achievements")(follow_achievement)
    outbox.consumer("team.", "catalogue.index_teams")(follow_team)
    outbox.consumer("expert.", "catalogue.index_experts")(follow_expert)


def follow_achievement(event: OutboxEvent) -> None:
    """One achievement, or all of an imported batch, as it is by now."""
    ids = event.payload.get("ids", [str(event.object_id)])
    index_achievements(Achievement.objects.filter(pk__in=[UUID(each) for each in ids]))


def follow_team(event: OutboxEvent) -> None:
    index_teams(Team.objects.filter(pk=event.object_id))


def follow_expert(event: OutboxEvent) -> None:
    index_experts(Expert.objects.filter(pk=event.object_id))


def index_achievements(rows: Iterable[Achievement]) -> None:
    """Hand achievements to the matcher: their public fields, or that they are public no more."""
    matcher.index_documents(corpus="achievement", documents=[achievement_document(row) for row in rows])


def index_teams(rows: Iterable[Team]) -> None:
    """Hand teams to the matcher: their public fields, or that they are public no more."""
    matcher.index_documents(corpus="team", documents=[team_document(row) for row in rows])


def index_experts(rows: Iterable[Expert]) -> None:
    """Hand experts to the matcher: their public fields, or that they are on the register no more."""
    matcher.index_documents(corpus="expert", documents=[expert_document(row) for row in rows])


def forget_experts(ids: Iterable[UUID]) -> None:
    """Take experts out of the matcher with this very transaction, and its copy of their words with them."""
    matcher.remove_documents(corpus="expert", ids=ids)


def achievement_document(row: Achievement) -> "matcher.DocumentInput":
    """An achievement as the matcher reads it: both languages together."""
    return matcher.DocumentInput(
        id=row.pk,
        title=both(row.title_zh, row.title_en),
        body=both(row.summary_zh, row.summary_en),
        keywords=[*row.keywords_zh, *row.keywords_en],
        attributes={
            "region_code": row.region_code,
            "industry_code": row.industry_code,
            "readiness": row.readiness,
            "team": str(row.team_id) if row.team_id else None,
        },
        public=row.is_public,
    )


def team_document(row: Team) -> "matcher.DocumentInput":
    """A team as the matcher reads it; of several industries the first stands for it."""
    return matcher.DocumentInput(
        id=row.pk,
        title=both(row.name_zh, row.name_en),
        body=both(row.summary_zh, row.summary_en),
        keywords=[*row.capabilities_zh, *row.capabilities_en],
        attributes={"region_code": row.region_code, "industry_code": next(iter(row.industry_codes), None)},
        public=row.is_public,
    )


def expert_document(row: Expert) -> "matcher.DocumentInput":
    """An expert as the matcher reads one: what they know and nobody's name; of several industries the first stands for them."""
    return matcher.DocumentInput(
        id=row.pk,
        title="",
        body=both(row.summary_zh, row.summary_en),
        keywords=[*row.fields_zh, *row.fields_en],
        attributes={"region_code": row.region_code, "industry_code": next(iter(row.industry_codes), None)},
        public=row.is_public,
    )


def both(*texts: str) -> str:
    """The sides of a text that there are, a line each."""
    return "\n".join(text for text in texts if text)
