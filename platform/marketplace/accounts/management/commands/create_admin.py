"""`manage.py create_admin EMAIL`: the first administrator, and a link to choose a password once."""

from typing import Any

from allauth.account import app_settings
from allauth.account.utils import user_pk_to_url_str
from django.conf import settings
from django.core.exceptions import ValidationError
from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.core.validators import validate_email
from django.urls import reverse

from marketplace.accounts.services import appointing
from marketplace.common.errors import DomainError


class Command(BaseCommand):
    help = "Appoint the first administrator and print a one-time link to set the password."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("email", help="The administrator's e-mail address.")

    def handle(self, *args: Any, email: str, **options: Any) -> None:
        try:
            validate_email(email)
            person = appointing.appoint_first_administrator(email=email)
        except DomainError as refusal:
            raise CommandError(str(refusal)) from refusal
        except ValidationError as fault:
            raise CommandError(f"{email!r} is not an e-mail address.") from fault
        token = app_settings.PASSWORD_RESET_TOKEN_GENERATOR().make_token(person)
        path = reverse("account_reset_password_from_key", kwargs={"uidb36": user_pk_to_url_str(person), "key": token})
        minutes = settings.PASSWORD_RESET_TIMEOUT // 60
        self.stdout.write(f"{settings.SITE_URL}{path}")
        self.stderr.write(
            f"Open this link within {minutes} minutes to choose a password; it works once. Then set up two-step verification."
        )
