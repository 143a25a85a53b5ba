"""Learned mixes over HTTP: anybody reads their figures, an administrator switches."""

from typing import Any

from drf_spectacular.utils import extend_schema
from rest_framework import serializers, status
from rest_framework.permissions import AllowAny, IsAuthenticated
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from marketplace.common.actor import actor_of
from marketplace.demands.services.mixing import LONGEST_REASON, mix_switch
from marketplace.workflow.api import PROBLEMS
from matching.app.services.mixing import mixes


class MixSerializer(serializers.Serializer[Any]):
    """A learned mix; `fixed` and `learned` are nDCG@10 on demands held out, `chance` is how often chance makes such a difference."""

    number = serializers.IntegerField()
    at = serializers.DateTimeField()
    sources = serializers.ListField(child=serializers.CharField(), help_text="Names of labelled sets, and signals.")
    factors = serializers.DictField(
        child=serializers.IntegerField(), help_text="Thousandths for each class of terms that does not count as in the fixed mix."
    )
    sha256 = serializers.CharField()
    demands = serializers.IntegerField()
    pairs = serializers.IntegerField()
    fixed = serializers.FloatField()
    learned = serializers.FloatField()
    chance = serializers.FloatField()
    holds = serializers.BooleanField(help_text="Whether it may be switched on.")
    in_force = serializers.BooleanField()


class SwitchInput(serializers.Serializer[Any]):
    """A mix by its number, or null for the fixed one."""

    version = serializers.IntegerField(min_value=1, max_value=2**31 - 1, allow_null=True)
    reason = serializers.CharField(max_length=LONGEST_REASON)


class MixesView(APIView):
    """What was learned."""

    permission_classes = (AllowAny,)

    @extend_schema(operation_id="matches_mixes", responses={200: MixSerializer(many=True), **PROBLEMS})
    def get(self, request: Request) -> Response:
        """The latest fifty learned mixes and the one in force, the latest first; where none is in force, the fixed mix is."""
        return Response(MixSerializer(mixes(), many=True).data)


class SwitchView(APIView):
    """Which mix is used."""

    permission_classes = (IsAuthenticated,)

    @extend_schema(operation_id="matches_mixes_switch", request=SwitchInput, responses={204: None, **PROBLEMS})
    def post(self, request: Request) -> Response:
        """Use a mix from the next match on, or the fixed one; only a mix whose gate held. For administrators of the whole platform."""
        body = SwitchInput(data=request.data)
        body.is_valid(raise_exception=True)
        mix_switch(actor=actor_of(request), **body.validated_data)
        return Response(status=status.HTTP_204_NO_CONTENT)
