from django.apps import AppConfig


class TreasuryConfig(AppConfig):
    name = "marketplace.treasury"
    label = "treasury"
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        """Join the table of moves with its rules, and register the consumer."""
        from marketplace.treasury import consumers, registering  # noqa: F401 - importing registers the consumer

        registering.register()
