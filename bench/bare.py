"""The site as it is, and beside it `/bare/N/`: a view that sends the statements of pledge N to the database and nothing else.

Served by gunicorn as `bare:site`. The bare view stands behind Django's handler without middleware; the statements lie in the file that
BARE_STATEMENTS names.
"""

import os
import pickle
from collections.abc import Iterable
from pathlib import Path
from typing import Any

from marketplace.config.wsgi import application  # sets Django up  # isort: skip
from django.core.handlers.wsgi import WSGIHandler, WSGIRequest
from django.db import connection
from django.http import HttpRequest, JsonResponse
from django.test.utils import override_settings
from django.urls import path
from django.views.decorators.csrf import csrf_exempt

STATEMENTS: list[list[tuple[str, Any]]] = pickle.loads(Path(os.environ["BARE_STATEMENTS"]).read_bytes())  # our own file


@csrf_exempt
def replay(request: HttpRequest, number: int) -> JsonResponse:
    """Send what one pledge sent, word for word, and read what the database answers."""
    with connection.cursor() as cursor:
        for sentence, values in STATEMENTS[number]:
            cursor.execute(sentence, values)
            if cursor.description is not None:
                cursor.fetchall()
    return JsonResponse({"pledge": number}, status=201)


urlpatterns = [path("bare/<int:number>/", replay)]


class _Bare(WSGIHandler):
    def resolve_request(self, request: WSGIRequest) -> Any:
        request.urlconf = __name__
        return super().resolve_request(request)


with override_settings(MIDDLEWARE=[]):
    _bare = _Bare()


def site(environ: dict[str, Any], start_response: Any) -> Iterable[bytes]:
    """Answer by the bare view under its address, by the platform everywhere else."""
    handler = _bare if environ["PATH_INFO"].startswith("/bare/") else application
    return handler(environ, start_response)
