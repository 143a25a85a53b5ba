from django.apps import AppConfig


class AgreementsConfig(AppConfig):
    name = "marketplace.agreements"
    label = "agreements"
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        """Join the tables of moves with their rules."""
        from marketplace.agreements import registering

        registering.register()
