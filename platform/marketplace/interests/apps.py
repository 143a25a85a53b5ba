from django.apps import AppConfig


class InterestsConfig(AppConfig):
    name = "marketplace.interests"
    label = "interests"
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        """Send by mail, from the outbox, what was made."""
        from marketplace.interests.services import mailing

        mailing.register()
