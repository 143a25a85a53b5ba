"""What a new account gets beside its e-mail address: a name, a language, a recorded consent."""

from django.db import transaction

from marketplace.accounts import terms
from marketplace.accounts.models import Consent, Person


@transaction.atomic
def complete(*, person: Person, name: str, language: str, version: str) -> Consent:
    """Record who signed up and to which text they agreed, with its hash."""
    person.name = name
    person.language = language
    person.save(update_fields=["name", "language"])
    return Consent.objects.create(person=person, terms_version=version, text_sha256=terms.CURRENT.sha256)
