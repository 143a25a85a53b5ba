"""Logging: one line per event with its request id; JSON where machines read it, plain words where people do."""

import json as encoding
import logging
from collections.abc import Callable
from typing import Any

import structlog

SHARED: list[Any] = [
    structlog.contextvars.merge_contextvars,
    structlog.stdlib.add_logger_name,
    structlog.stdlib.add_log_level,
    structlog.processors.TimeStamper(fmt="iso", utc=True),
]
FOREIGN: list[Any] = [*SHARED, structlog.processors.format_exc_info]
_json: Callable[[dict[str, Any]], str] = encoding.JSONEncoder(ensure_ascii=False, default=repr).encode
FIRST = ("timestamp", "level", "event", "logger", "exception")


def logging_for(*, json: bool, level: str) -> dict[str, Any]:
    """Configure structlog and return Django's LOGGING, in which standard and structured records look the same."""
    # Where in the code a line was written, and by which thread, is not told: the standard library need not look (its "Optimization").
    logging._srcfile = None  # noqa: SLF001 - documented
    logging.logThreads = logging.logProcesses = logging.logMultiprocessing = False
    structlog.configure(
        processors=[
            structlog.stdlib.filter_by_level,
            *SHARED,
            structlog.stdlib.PositionalArgumentsFormatter(),
            structlog.processors.format_exc_info,
            structlog.stdlib.ProcessorFormatter.wrap_for_formatter,
        ],
        logger_factory=structlog.stdlib.LoggerFactory(),
        cache_logger_on_first_use=True,
    )
    return {
        "version": 1,
        "disable_existing_loggers": False,
        "formatters": {"line": {"()": Line, "write": _json if json else _words}},
        "handlers": {"stderr": {"class": "logging.StreamHandler", "formatter": "line"}},
        "root": {"handlers": ["stderr"], "level": level},
        "loggers": {
            "django.server": {"handlers": ["stderr"], "level": "WARNING", "propagate": False},
            # Errands by the clock come every second: only their failures are worth a line.
            "django_structlog.celery": {"level": "WARNING"},
            "celery": {"level": "WARNING"},
        },
    }


class Line(logging.Formatter):
    """Writes what structlog has made ready as it is, and brings a record of the standard library into the same shape first."""

    def __init__(self, write: Callable[[dict[str, Any]], str]) -> None:
        super().__init__()
        self._write = write

    def format(self, record: logging.LogRecord) -> str:
        if hasattr(record, "_logger") and isinstance(record.msg, dict):  # left there by wrap_for_formatter
            return self._write(record.msg)
        told: Any = {"event": record.getMessage(), "_record": record}
        if record.exc_info:
            told["exc_info"] = record.exc_info
        for step in FOREIGN:
            told = step(None, record.levelname.lower(), told)
        del told["_record"]
        return self._write(told)


def _words(told: dict[str, Any]) -> str:
    """Time, level, event and logger, then all else that is known; a fault's traceback below."""
    rest = [(name, value) for name, value in sorted(told.items()) if name not in FIRST]
    more = " ".join(f"{name}={value}" if _plain(str(value)) else f"{name}={value!r}" for name, value in rest)
    fault = f"\n{told['exception']}" if "exception" in told else ""
    return f"{told['timestamp']} [{told['level']:<8}] {told['event']} [{told['logger']}] {more}{fault}"


def _plain(value: str) -> bool:
    """Whether it can stand without quotes: nothing in it looks like another part of the line, or like another line."""
    return value.isprintable() and not set(value) & set(" =")
