from django.apps import AppConfig


class FundingConfig(AppConfig):
    name = "marketplace.funding"
    label = "funding"
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        """Join the tables of moves with their rules."""
        from marketplace.funding import registering

        registering.register()
