from django.apps import AppConfig


class AccountsConfig(AppConfig):
    name = "marketplace.accounts"
    label = "accounts"
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        from marketplace.accounts import acting, allauth_clock, mails, permissions
        from marketplace.accounts.models import Organisation
        from marketplace.accounts.services import verifying
        from marketplace.accounts.workflow import MACHINE
        from marketplace.common.actor import set_resolver
        from marketplace.workflow.registry import register

        register(
            MACHINE,
            model=Organisation,
            roles_of=permissions.roles_of,
            visible=permissions.visible,
            public=lambda organisation: True,
            effects=verifying.EFFECTS,
        )
        set_resolver(acting.actor_of)
        mails.install()
        allauth_clock.install()
