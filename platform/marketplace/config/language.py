"""Which language answers: pages by their address, machines by their Accept-Language."""

from django.http import HttpRequest
from django.middleware.locale import LocaleMiddleware
from django.utils import translation

MACHINE_PATHS = ("/api/", "/_allauth/")
PAGES_FOR_PEOPLE = ("/api/v1/docs/", "/api/v1/problems/")


class LanguageMiddleware(LocaleMiddleware):
    """Django judges addresses without a language prefix to be Chinese; the API has no prefix and asks the header instead."""

    def process_request(self, request: HttpRequest) -> None:
        if not request.path_info.startswith(MACHINE_PATHS) or request.path_info.startswith(PAGES_FOR_PEOPLE):
            super().process_request(request)
            return
        language = translation.get_language_from_request(request)
        translation.activate(language)
        request.LANGUAGE_CODE = language
