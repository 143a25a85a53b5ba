from django.apps import AppConfig


class TreasuryConfig(AppConfig):
    name = "marketplace.treasury"
    label = "treasury"
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        from marketplace.treasury import consumers  # noqa: F401 - importing registers the consumer
