"""Take a file in and set it to work."""

from pathlib import PurePath
from typing import IO
from uuid import UUID

from celery import signature
from django.db import transaction

from marketplace.catalogue.importing import adapters, limits, readers
from marketplace.catalogue.models import ImportRun
from marketplace.common import clock, files
from marketplace.common.actor import Actor
from marketplace.common.errors import Forbidden, Invalid, MissingScope, NotVerified
from marketplace.common.text import bi


def upload(*, actor: Actor, kind: str, name: str, stream: IO[bytes], content_type: str) -> ImportRun:
    """Keep a file of the actor's organisation and have a worker bring its rows in.

    Raises NotVerified, MissingScope, Invalid for an unknown kind or format, FileRefused for an empty or too large file.
    """
    if actor.organisation_id is None or actor.person_id is None or not actor.roles:
        raise Forbidden(bi("请先选择代表哪个单位办理。", "Choose the organisation that you act for first."))
    if "write" not in actor.scopes:
        raise MissingScope
    if not actor.verified:
        raise NotVerified
    if adapters.named(kind) is None:
        listed = ", ".join(adapters.kinds())
        text = bi(f"类别应为：{listed}。", f"The kind is one of: {listed}.")
        raise Invalid(text, fields={"kind": [text]})
    if PurePath(name).suffix.lower() not in readers.FORMATS:
        text = bi("请上传 .jsonl、.csv 或 .xlsx 文件。", "Send a .jsonl, .csv or .xlsx file.")
        raise Invalid(text, fields={"file": [text]})
    with transaction.atomic():
        stored = files.store(
            owner_id=actor.organisation_id,
            name=name,
            stream=stream,
            content_type=content_type,
            purpose="import",
            max_bytes=limits.file_bytes(),
        )
        now = clock.now()
        run = ImportRun.objects.create(
            kind=kind, organisation_id=actor.organisation_id, person_id=actor.person_id, file=stored, created_at=now, touched_at=now
        )
        transaction.on_commit(lambda: start(run.pk))
        return run


def start(run_id: UUID) -> None:
    """Hint to the workers; where the hint is lost, `resume_imports` finds the run."""
    signature("catalogue.run_import", args=[str(run_id)]).delay()
