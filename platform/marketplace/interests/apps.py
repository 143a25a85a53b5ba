from django.apps import AppConfig


class InterestsConfig(AppConfig):
    name = "marketplace.interests"
    label = "interests"
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        """Send by mail, from the outbox, what was made; forget with a person what digests said of them."""
        from marketplace.accounts.services import erasing
        from marketplace.interests.services import forgetting, mailing

        mailing.register()
        erasing.register(forgetting.words_of_experts)
