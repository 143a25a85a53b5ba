from django.apps import AppConfig


class LexiconConfig(AppConfig):
    name = "marketplace.lexicon"
    label = "lexicon"
