"""Achievements, teams and experts over HTTP."""

import re
from collections.abc import Callable
from typing import Any, ClassVar
from uuid import UUID

from django.db.models import QuerySet
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import OpenApiParameter, extend_schema, extend_schema_view
from rest_framework import mixins, serializers, status
from rest_framework.request import Request
from rest_framework.response import Response

from marketplace.catalogue import selectors, workflow
from marketplace.catalogue.api import serializers as shapes
from marketplace.catalogue.models import Achievement, Expert, Team
from marketplace.catalogue.services import drafting
from marketplace.common.actor import Actor, actor_of
from marketplace.common.errors import Invalid
from marketplace.common.text import bi
from marketplace.workflow.api import PROBLEMS, ActionsMixin, ReasonInput, documented_actions

FILTERS = [
    OpenApiParameter("q", str, description="Words in either language; all must occur."),
    OpenApiParameter("region_code", str, many=True, description="GB/T 2260 code or its first digits."),
    OpenApiParameter("industry_code", str, many=True, description="GB/T 4754-2017 division."),
    OpenApiParameter("organisation", OpenApiTypes.UUID, description="Only this organisation's."),
]


def uuid_of(text: str, field: str) -> UUID | None:
    """The id that a query names; Invalid where it is none."""
    try:
        return UUID(text) if text else None
    except ValueError as fault:
        reason = bi("不是有效的标识。", "This is not an id.")
        raise Invalid(reason, fields={field: [reason]}) from fault


def codes_of(texts: list[str], field: str) -> list[str]:
    """The codes that a query names; Invalid where one is not made of digits."""
    for text in texts:
        if not re.fullmatch("[0-9]{1,6}", text):
            reason = bi("代码由数字组成。", "A code is made of digits.")
            raise Invalid(reason, fields={field: [reason]})
    return texts


class SupplyViewSet(mixins.ListModelMixin, mixins.RetrieveModelMixin, ActionsMixin):
    """What teams, experts and achievements have in common: search, drafts, edits and moves."""

    line_class: ClassVar[type[serializers.Serializer[Any]]]
    new_class: ClassVar[type[serializers.Serializer[Any]]]
    edit_class: ClassVar[type[serializers.Serializer[Any]]]
    filter_backends = ()

    def rows(self, actor: Actor) -> QuerySet[Any]:
        raise NotImplementedError

    def draft(self, actor: Actor, fields: Any) -> Any:
        raise NotImplementedError

    def edit(self, actor: Actor, obj: Any, fields: Any) -> Any:
        raise NotImplementedError

    def get_queryset(self) -> QuerySet[Any]:
        rows = self.rows(actor_of(self.request))
        if self.action != "list":
            return rows
        asked = self.request.query_params
        return selectors.filtered(
            rows,
            q=asked.get("q", "")[:200],
            region_codes=codes_of(asked.getlist("region_code"), "region_code"),
            industry_codes=codes_of(asked.getlist("industry_code"), "industry_code"),
            organisation_id=uuid_of(asked.get("organisation", ""), "organisation"),
        )

    def get_serializer_class(self) -> type[serializers.BaseSerializer[Any]]:
        return self.line_class if self.action == "list" else super().get_serializer_class()

    def create(self, request: Request) -> Response:
        """Begin a draft of the organisation you act for."""
        body = self.new_class(data=request.data)
        body.is_valid(raise_exception=True)
        obj = self.draft(actor_of(request), dict(body.validated_data))
        return Response(self.get_serializer(obj).data, status=status.HTTP_201_CREATED)

    def partial_update(self, request: Request, pk: str) -> Response:
        """Change what may still be changed."""
        body = self.edit_class(data=request.data, partial=True)
        body.is_valid(raise_exception=True)
        obj = self.edit(actor_of(request), self.get_object(), dict(body.validated_data))
        return Response(self.get_serializer(obj).data)


def documented(view: type[SupplyViewSet]) -> type[SupplyViewSet]:
    """Describe a viewset of supply in the OpenAPI document."""
    shape: Any = view.serializer_class
    describe: Callable[[type[SupplyViewSet]], type[SupplyViewSet]] = extend_schema_view(
        list=extend_schema(parameters=FILTERS),
        retrieve=extend_schema(responses={200: shape, **PROBLEMS}),
        create=extend_schema(request=view.new_class, responses={201: shape, **PROBLEMS}),
        partial_update=extend_schema(request=view.edit_class, responses={200: shape, **PROBLEMS}),
    )
    documented_actions(view)
    return describe(view)


@documented
class AchievementViewSet(SupplyViewSet):
    """Results that institutions offer; `declared` marks those that nobody has verified."""

    machine = workflow.ACHIEVEMENT
    queryset = Achievement.objects.none()
    serializer_class = shapes.AchievementSerializer
    line_class = shapes.AchievementLineSerializer
    new_class = edit_class = shapes.AchievementInput
    action_inputs: ClassVar = {
        "request_changes": ReasonInput,
        "reject": ReasonInput,
        "suspend": ReasonInput,
        "amend": shapes.AmendInput,
    }

    def rows(self, actor: Actor) -> QuerySet[Achievement]:
        return selectors.achievements_for(actor)

    def draft(self, actor: Actor, fields: Any) -> Achievement:
        return drafting.draft_achievement(actor=actor, fields=fields)

    def edit(self, actor: Actor, obj: Achievement, fields: Any) -> Achievement:
        return drafting.edit_achievement(actor=actor, achievement=obj, fields=fields)


@documented
class TeamViewSet(SupplyViewSet):
    """Groups that would do the work, each inside one organisation."""

    machine = workflow.TEAM
    queryset = Team.objects.none()
    serializer_class = shapes.TeamSerializer
    line_class = shapes.TeamLineSerializer
    new_class = edit_class = shapes.TeamInput
    action_inputs: ClassVar = {"suspend": ReasonInput}

    def rows(self, actor: Actor) -> QuerySet[Team]:
        return selectors.teams_for(actor)

    def draft(self, actor: Actor, fields: Any) -> Team:
        return drafting.draft_team(actor=actor, fields=fields)

    def edit(self, actor: Actor, obj: Team, fields: Any) -> Team:
        return drafting.edit_team(actor=actor, team=obj, fields=fields)


@documented
class ExpertViewSet(SupplyViewSet):
    """People on the register of experts, checked by a reviewer."""

    machine = workflow.EXPERT
    queryset = Expert.objects.none()
    serializer_class = shapes.ExpertSerializer
    line_class = shapes.ExpertLineSerializer
    new_class = shapes.NewExpertInput
    edit_class = shapes.ExpertInput
    action_inputs: ClassVar = {"request_changes": ReasonInput, "reject": ReasonInput}

    def rows(self, actor: Actor) -> QuerySet[Expert]:
        return selectors.experts_for(actor)

    def draft(self, actor: Actor, fields: Any) -> Expert:
        return drafting.draft_expert(actor=actor, person_id=fields.pop("person"), fields=fields)

    def edit(self, actor: Actor, obj: Expert, fields: Any) -> Expert:
        return drafting.edit_expert(actor=actor, expert=obj, fields=fields)
