"""The Django app of the matcher; its label is "matching", its tables begin with it."""

from django.apps import AppConfig


class MatchingConfig(AppConfig):
    name = "matching.app"
    label = "matching"
    verbose_name = "匹配 Matching"
    default_auto_field = "django.db.models.BigAutoField"
