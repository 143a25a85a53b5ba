"""`celery beat` on a machine whose clock is set back: its errands go on at their pace."""

from celery.beat import PersistentScheduler
from celery.utils.time import maybe_make_aware


class Scheduler(PersistentScheduler):  # type: ignore[misc]  # celery has no types
    """Celery's own scheduler, but an errand that seems to have run in the future counts as having run now.

    Celery waits until the clock has come to where it was: after an hour back nothing overdue would be moved on for an hour.
    """

    def tick(self, *args: object, **more: object) -> float:
        for entry in self.schedule.values():
            now = entry.default_now()
            if maybe_make_aware(entry.last_run_at) > maybe_make_aware(now):
                entry.last_run_at = now
                self._heap = None  # built anew: the others' times in it are of the former clock
        seconds: float = super().tick(*args, **more)
        return seconds
