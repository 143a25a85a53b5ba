"""A campaign's updates and questions over HTTP."""

from typing import Any
from uuid import UUID

from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.decorators import action
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.viewsets import GenericViewSet

from marketplace.common.actor import actor_of, signed_in
from marketplace.common.errors import NotFound
from marketplace.common.pagination import page_of
from marketplace.funding.api.paging import NewestAsked, NewestPosted
from marketplace.funding.models import LONGEST_ANSWER, LONGEST_QUESTION, LONGEST_UPDATE, Campaign, CampaignQuestion, CampaignUpdate
from marketplace.funding.services import asking, posting
from marketplace.workflow.api import PROBLEMS


class CampaignUpdateSerializer(serializers.ModelSerializer[CampaignUpdate]):
    """News of a campaign as it was posted; `corrects` is the earlier update that it corrects."""

    class Meta:
        model = CampaignUpdate
        fields = ("id", "corrects", "text_zh", "text_en", "posted_at")
        read_only_fields = fields


class CampaignUpdateInput(serializers.Serializer[Any]):
    """The news in Chinese, English or both. The same `id`, made by the caller, with the same content is the same update."""

    id = serializers.UUIDField(required=False)
    text_zh = serializers.CharField(max_length=LONGEST_UPDATE, required=False, allow_blank=True)
    text_en = serializers.CharField(max_length=LONGEST_UPDATE, required=False, allow_blank=True)
    corrects = serializers.UUIDField(required=False, allow_null=True)


class CampaignQuestionSerializer(serializers.ModelSerializer[CampaignQuestion]):
    """A question and its answer; who asked is told to nobody else, `ours` says whether the caller's organisation did."""

    ours = serializers.SerializerMethodField()

    class Meta:
        model = CampaignQuestion
        fields = ("id", "text", "answer", "asked_at", "answered_at", "ours")
        read_only_fields = fields

    def get_ours(self, question: CampaignQuestion) -> bool:
        return question.organisation_id == actor_of(self.context["request"]).organisation_id


class CampaignQuestionInput(serializers.Serializer[Any]):
    """The question. The same `id`, made by the caller, with the same text is the same question."""

    id = serializers.UUIDField(required=False)
    text = serializers.CharField(max_length=LONGEST_QUESTION)


class CampaignAnswerInput(serializers.Serializer[Any]):
    answer = serializers.CharField(max_length=LONGEST_ANSWER)


class Talks(GenericViewSet[Campaign]):
    """What a campaign's addresses answer beside its moves, to all who may see it."""

    @extend_schema(methods=["GET"], responses={200: CampaignUpdateSerializer(many=True), **PROBLEMS})
    @extend_schema(methods=["POST"], request=CampaignUpdateInput, responses={201: CampaignUpdateSerializer, **PROBLEMS})
    @action(detail=True, methods=["get", "post"], filter_backends=[], pagination_class=NewestPosted)
    def updates(self, request: Request, pk: str) -> Response:
        """News of a campaign, newest first; POST posts some as its company, never to be changed."""
        campaign = self.get_object()
        if request.method == "GET":
            return page_of(self, campaign.updates.all(), CampaignUpdateSerializer)
        posted = posting.update_post(campaign=campaign, actor=signed_in(request), **_given(CampaignUpdateInput, request))
        return Response(CampaignUpdateSerializer(posted).data, status=201)

    @extend_schema(methods=["GET"], responses={200: CampaignQuestionSerializer(many=True), **PROBLEMS})
    @extend_schema(methods=["POST"], request=CampaignQuestionInput, responses={201: CampaignQuestionSerializer, **PROBLEMS})
    @action(detail=True, methods=["get", "post"], filter_backends=[], pagination_class=NewestAsked)
    def questions(self, request: Request, pk: str) -> Response:
        """Questions about a campaign, newest first; POST asks one as an invited institution."""
        campaign = self.get_object()
        if request.method == "GET":
            return page_of(self, campaign.questions.all(), CampaignQuestionSerializer)
        asked = asking.question_ask(campaign=campaign, actor=signed_in(request), **_given(CampaignQuestionInput, request))
        return Response(self._question(asked).data, status=201)

    @extend_schema(request=CampaignAnswerInput, responses={200: CampaignQuestionSerializer, **PROBLEMS})
    @action(detail=True, methods=["post"], url_path="questions/(?P<question>[0-9a-f-]{36})/answer")
    def answer(self, request: Request, pk: str, question: str) -> Response:
        """Answer a question once, as the campaign's company."""
        campaign = self.get_object()
        asked = CampaignQuestion.objects.select_related("campaign").filter(pk=_uuid(question), campaign=campaign).first()
        if asked is None:
            raise NotFound
        answered = asking.question_answer(question=asked, actor=signed_in(request), **_given(CampaignAnswerInput, request))
        return Response(self._question(answered).data)

    def _question(self, row: CampaignQuestion) -> CampaignQuestionSerializer:
        return CampaignQuestionSerializer(row, context=self.get_serializer_context())


def _given(shape: type[serializers.Serializer[Any]], request: Request) -> dict[str, Any]:
    given = shape(data=request.data)
    given.is_valid(raise_exception=True)
    return dict(given.validated_data)


def _uuid(text: str) -> UUID:
    try:
        return UUID(text)
    except ValueError:
        raise NotFound from None
