"""Work of the matcher in the background."""

from celery import shared_task

from matching.app.models import Corpus


@shared_task(name="matching.build_indexes")
def build_indexes() -> int:
    """Build the files of every corpus of which much changed; return how many. One at a time: who comes meanwhile does nothing."""
    from matching.app.storage import build, much_changed  # noqa: PLC0415 - loads what ranks

    return sum(build(corpus) for corpus in Corpus.objects.order_by("name") if much_changed(corpus))


@shared_task(name="matching.refresh_indexes")
def refresh_indexes() -> int:
    """Build the files of every corpus that changed at all, so that texts which were taken out leave the disk too; return how many."""
    from matching.app.storage import build, changed_at_all  # noqa: PLC0415 - loads what ranks

    return sum(build(corpus) for corpus in Corpus.objects.order_by("name") if changed_at_all(corpus))
