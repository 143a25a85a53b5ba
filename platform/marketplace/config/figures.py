"""What the ledger tells Prometheus, read from the database when somebody asks."""

from collections.abc import Iterator

from django.db import DatabaseError
from prometheus_client.core import GaugeMetricFamily
from prometheus_client.registry import Collector, CollectorRegistry

from ledger.app.selectors import cosigners
from ledger.app.services import height, lag_seconds
from marketplace.config import counting


class LedgerFigures(Collector):
    """Entries, seconds that intents wait, and for each witness what it cosigned last: how far behind shows in the difference."""

    def describe(self) -> list[GaugeMetricFamily]:
        """Name nothing beforehand: no database is asked while the site starts."""
        return []

    def collect(self) -> Iterator[GaugeMetricFamily]:
        """Read the figures; where the database does not answer, the others are still told."""
        try:
            yield from _read()
        except DatabaseError:
            return


def _read() -> list[GaugeMetricFamily]:
    size = GaugeMetricFamily("ledger_cosigned_entries", "Entries under the checkpoint that a witness cosigned last", labels=["witness"])
    moment = GaugeMetricFamily("ledger_cosigned_timestamp_seconds", "When a witness says that it cosigned last", labels=["witness"])
    for one in cosigners():
        size.add_metric([one.name], one.size or 0)
        moment.add_metric([one.name], one.at.timestamp() if one.at else 0)
    entries = GaugeMetricFamily("ledger_entries", "Entries of the ledger", value=height())
    lag = GaugeMetricFamily("ledger_lag_seconds", "Age of the oldest intent that waits for its place", value=lag_seconds())
    return [entries, lag, size, moment]


def registry() -> CollectorRegistry:
    """Return all that is told to whoever asks: the ledger's figures, and what every worker of this web server counted."""
    everything = CollectorRegistry()
    everything.register(LedgerFigures())
    counting.join(everything)
    return everything
