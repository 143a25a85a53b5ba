from django.apps import AppConfig


class AgreementsConfig(AppConfig):
    name = "marketplace.agreements"
    label = "agreements"
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        """Join the tables of moves with their rules, and make certificates of agreements possible."""
        from marketplace.agreements import registering
        from marketplace.agreements.services import certified
        from marketplace.evidence import sources

        registering.register()
        sources.register(certified.SOURCE)
