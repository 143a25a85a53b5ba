"""What happens by the clock: one static table, read by `celery beat`.

A run that waited longer than its own interval and ten minutes is dropped (`expires`), so that what piles up for a worker that was away
has an end: after ten minutes without one, some six hundred of each errand of every second lie there, and no more come. Every task here
finds its work in the database and does nothing when there is none. When a run is too old, beat says by its own machine's clock and the
worker judges by its own: the ten minutes are what the two may differ by, or a worker that is ahead would drop every errand and nothing
overdue would move on.
"""

from typing import Any

# Two machines, each up to five minutes off.
CLOCKS_DIFFER_SECONDS = 600


def every(seconds: float, task: str) -> dict[str, Any]:
    """Return an entry that sends a task without arguments every so many seconds."""
    return {"task": task, "schedule": seconds, "options": {"expires": max(seconds, 5) + CLOCKS_DIFFER_SECONDS}}


BEAT: dict[str, dict[str, Any]] = {
    "deliver the outbox": every(1, "common.relay_outbox"),
    "move on what is overdue": every(1, "workflow.sweep"),
    "take up imports that a worker left behind": every(60, "catalogue.resume_imports"),
    "build the match indexes that changed much": every(600, "matching.build_indexes"),
    "build the match indexes that changed at all": every(24 * 3600, "matching.refresh_indexes"),
    "match all demands against all supply, at night": every(60, "matching.keep_matching"),
    "check the books": every(24 * 3600, "treasury.check_books"),
    "take up statements that a worker left behind": every(60, "treasury.resume_imports"),
    "throw away statements that nobody confirmed": every(3600, "treasury.drop_old_previews"),
    "repay debts from what came into a wallet": every(60, "treasury.collect_debts"),
    "delete expired sessions": every(3600, "accounts.purge_sessions"),
    "forget old answers to repeated requests": every(3600, "common.purge_answers"),
    "throw away files that were kept for a time": every(3600, "common.throw_away_old_files"),
    "have the day's checkpoint stamped": every(3600, "evidence.stamp_checkpoint"),
    "make the digests of saved searches": every(60, "interests.make_digests"),
    "open the bids of closed demands": every(1, "demands.open_due_bids"),
}
