"""How the last night's places fell to institutions, over HTTP, for administrators."""

from typing import Any

from drf_spectacular.utils import extend_schema
from rest_framework.permissions import IsAuthenticated
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from marketplace.common.actor import actor_of
from marketplace.exposure import selectors
from marketplace.exposure.api.serializers import ExposureInput, ExposureSerializer
from marketplace.exposure.selectors import Exposure
from marketplace.workflow.api import PROBLEMS

COUNTS = ("published", "shown", "places", "first", "lifted")


class ExposureView(APIView):
    """Who stands where demands look."""

    permission_classes = (IsAuthenticated,)

    @extend_schema(operation_id="exposure", parameters=[ExposureInput], responses={200: ExposureSerializer, **PROBLEMS})
    def get(self, request: Request) -> Response:
        """Every institution's places of the last complete night, and their sums. For administrators of the whole platform."""
        asked = ExposureInput(data=request.query_params)
        asked.is_valid(raise_exception=True)
        corpus: str = asked.validated_data["corpus"]
        found = selectors.exposure_of(actor_of(request), corpus)
        answer = {
            **{name: getattr(found, name) for name in ("at", "demands", "answered", "gini", "under_way", "institutions")},
            "corpus": corpus,
            "total": _sums(found, favoured=False),
            "favoured": _sums(found, favoured=True),
        }
        return Response(ExposureSerializer(answer).data)


def _sums(found: Exposure, *, favoured: bool) -> dict[str, Any]:
    return {name: found.total(name, favoured=favoured) for name in COUNTS}
