"""When a digest is due: pure arithmetic on hours of Asia/Shanghai, which has known no summer time since 1991."""

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

ZONE = ZoneInfo("Asia/Shanghai")
DAILY, WEEKLY = "daily", "weekly"


@dataclass(frozen=True, slots=True)
class Schedule:
    """Every day, or every week on one day (Monday is 0), at a full hour; from one full hour to another nothing is sent.

    The quiet hours may span midnight; two equal hours mean that there are none.
    """

    frequency: str
    weekday: int
    hour: int
    quiet_from: int
    quiet_until: int

    def is_quiet_at(self, hour: int) -> bool:
        """Whether an hour of the day lies in the quiet hours; their last hour is the one before `quiet_until`."""
        if self.quiet_from <= self.quiet_until:
            return self.quiet_from <= hour < self.quiet_until
        return hour >= self.quiet_from or hour < self.quiet_until

    def is_quiet(self, moment: datetime) -> bool:
        """Whether nothing is sent at this moment."""
        return self.is_quiet_at(moment.astimezone(ZONE).hour)

    def after_quiet(self, moment: datetime) -> datetime:
        """The end of the quiet hours in which the moment lies (UTC); the moment itself where it lies in none."""
        if not self.is_quiet(moment):
            return moment
        local = moment.astimezone(ZONE)
        end = local.replace(hour=self.quiet_until, minute=0, second=0, microsecond=0)
        return (end if end > local else end + timedelta(days=1)).astimezone(UTC)

    def next_after(self, moment: datetime) -> datetime:
        """The first time of the schedule later than the moment (UTC): however long nobody looked, the next is one."""
        local = moment.astimezone(ZONE)
        due = local.replace(hour=self.hour, minute=0, second=0, microsecond=0)
        if self.frequency == WEEKLY:
            due += timedelta(days=(self.weekday - due.weekday()) % 7)
        if due <= local:
            due += timedelta(days=7 if self.frequency == WEEKLY else 1)
        return due.astimezone(UTC)
