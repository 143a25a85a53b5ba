"""The suitability questionnaire over HTTP."""

from typing import Any

from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.permissions import IsAuthenticated
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from marketplace.common.actor import signed_in
from marketplace.funding import suitability
from marketplace.funding.models import Suitability
from marketplace.funding.services import assessing
from marketplace.workflow.api import PROBLEMS


class SuitabilityOptionSerializer(serializers.Serializer[Any]):
    key = serializers.CharField()
    label = serializers.CharField()  # type: ignore[assignment]  # the option's own label; the stub knows a field's


class SuitabilityQuestionSerializer(serializers.Serializer[Any]):
    key = serializers.CharField()
    label = serializers.CharField()  # type: ignore[assignment]  # the option's own label; the stub knows a field's
    options = SuitabilityOptionSerializer(many=True)


class AssessmentSerializer(serializers.ModelSerializer[Suitability]):
    """What the institution answered, and until when it counts."""

    class Meta:
        model = Suitability
        fields = ("id", "version", "answers", "points", "suitable", "answered_at", "valid_until")
        read_only_fields = fields


class SuitabilitySerializer(serializers.Serializer[Any]):
    """The present questionnaire, and the caller's newest assessment if there is one."""

    version = serializers.CharField()
    questions = SuitabilityQuestionSerializer(many=True)
    newest = AssessmentSerializer(allow_null=True)


class AnswersInput(serializers.Serializer[Any]):
    """One option for each question, by their keys."""

    version = serializers.CharField(max_length=20, help_text=f"The present version, {suitability.VERSION}.")
    answers = serializers.DictField(child=serializers.CharField(max_length=40))


class SuitabilityView(APIView):
    """Who the caller's institution is as a funder: asked before its first pledge and again when the answer has run out."""

    permission_classes = (IsAuthenticated,)

    @extend_schema(responses={200: SuitabilitySerializer, **PROBLEMS})
    def get(self, request: Request) -> Response:
        """The questionnaire and the newest assessment."""
        actor = signed_in(request)
        newest = assessing.newest(actor.organisation_id) if actor.organisation_id else None
        questions = suitability.QUESTIONNAIRES[suitability.VERSION].questions
        return Response(SuitabilitySerializer({"version": suitability.VERSION, "questions": questions, "newest": newest}).data)

    @extend_schema(request=AnswersInput, responses={201: AssessmentSerializer, **PROBLEMS})
    def post(self, request: Request) -> Response:
        """Answer every question; the newest assessment counts."""
        given = AnswersInput(data=request.data)
        given.is_valid(raise_exception=True)
        made = assessing.suitability_answer(actor=signed_in(request), **given.validated_data)
        return Response(AssessmentSerializer(made).data, status=201)
