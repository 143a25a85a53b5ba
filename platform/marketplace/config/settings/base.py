"""What every deployment shares. Whatever differs between two deployments is an environment variable, listed in README."""

from pathlib import Path
from typing import Any

import django_stubs_ext
import environ
from csp.constants import NONE, SELF

from marketplace.config.logs import logging_for
from marketplace.config.schedule import BEAT
from marketplace.config.settings.api import *
from marketplace.config.settings.people import *

django_stubs_ext.monkeypatch()  # lets ModelAdmin[Demand] and the like stand in code that runs
env = environ.Env()

ROOT = Path(__file__).resolve().parents[4]
DATA_DIR = Path(env("JINQIAO_DATA_DIR", default=str(ROOT / "var")))

# Processes and addresses
SECRET_KEY: str = env("SECRET_KEY", default="")
DEBUG = False
ALLOWED_HOSTS: list[str] = env.list("ALLOWED_HOSTS", default=[])
SITE_URL: str = env("SITE_URL", default="http://127.0.0.1:8000")
ROOT_URLCONF = "marketplace.config.urls"
WSGI_APPLICATION = "marketplace.config.wsgi.application"
ASGI_APPLICATION = "marketplace.config.asgi.application"
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"

INSTALLED_APPS = [
    "django.contrib.admin",
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.humanize",  # pages of allauth load it
    "django.contrib.messages",
    "django.contrib.sessions",
    "django.contrib.staticfiles",
    "allauth",
    "allauth.account",
    "allauth.headless",
    "allauth.mfa",
    "allauth.usersessions",
    "csp",
    "django_prometheus",
    "django_structlog",
    "drf_spectacular",
    "rest_framework",
    # Ours, from the lowest layer to the highest.
    "marketplace.common",
    "marketplace.workflow",
    "marketplace.web",
    "marketplace.accounts",
    "ledger.app",
    "matching.app",
    "marketplace.lexicon",
    "marketplace.treasury",
    "marketplace.evidence",
    "marketplace.catalogue",
    "marketplace.demands",
    "marketplace.funding",
    "marketplace.agreements",
    "marketplace.notices",
    "marketplace.interests",
    "marketplace.exposure",
    "marketplace.desk",
]

MIDDLEWARE = [
    "django_prometheus.middleware.PrometheusBeforeMiddleware",
    "django.middleware.security.SecurityMiddleware",
    "whitenoise.middleware.WhiteNoiseMiddleware",
    "marketplace.config.content_policy.ContentPolicy",
    "marketplace.web.middleware.OneMoment",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "marketplace.config.language.LanguageMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    # Before authentication: it would wrap request.user, and allauth's app sessions could not replace it.
    "marketplace.config.request_log.RequestLog",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "allauth.account.middleware.AccountMiddleware",
    "marketplace.accounts.middleware.SessionActivityMiddleware",
    "marketplace.accounts.middleware.SecondFactorMiddleware",
    "django.contrib.messages.middleware.MessageMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
    "marketplace.web.middleware.Refusals",
    "django_prometheus.middleware.PrometheusAfterMiddleware",
]

TEMPLATES = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        # Accounts restyles allauth's pages, so it is asked before the order of apps decides.
        "DIRS": [Path(__file__).resolve().parents[1] / "templates", Path(__file__).resolve().parents[2] / "accounts" / "templates"],
        "APP_DIRS": True,
        "OPTIONS": {
            "context_processors": [
                "django.template.context_processors.request",
                "django.contrib.auth.context_processors.auth",
                "django.contrib.messages.context_processors.messages",
                "marketplace.web.context.shell",
            ],
        },
    }
]
FORM_RENDERER = "django.forms.renderers.DjangoTemplates"

# Database: three roles, of which a process is given only those it needs.
APP_ROLE: str = env("JINQIAO_APP_ROLE", default="jinqiao_app")
OWNER_ROLE: str = env("JINQIAO_OWNER_ROLE", default="jinqiao_owner")
SEQUENCER_ROLE: str = env("JINQIAO_SEQUENCER_ROLE", default="jinqiao_sequencer")


def database(variable: str, *, statement_seconds: int) -> dict[str, Any]:
    """Turn the URL held by an environment variable into a connection whose waits are bounded (seconds)."""
    limits = {
        "statement_timeout": f"{statement_seconds}s",
        "lock_timeout": f"{env.int('DB_LOCK_SECONDS', default=3)}s",
        "idle_in_transaction_session_timeout": "120s",
    }
    return {
        **env.db_url(variable, default="postgres://jinqiao_app@127.0.0.1:5432/jinqiao"),
        "CONN_MAX_AGE": env.int("DB_CONNECTION_SECONDS", default=60),
        "CONN_HEALTH_CHECKS": True,
        "OPTIONS": {"options": " ".join(f"-c {name}={value}" for name, value in limits.items()), "connect_timeout": 5},
    }


DATABASES: dict[str, dict[str, Any]] = {"default": database("DATABASE_URL", statement_seconds=env.int("DB_STATEMENT_SECONDS", default=30))}
if env("MIGRATE_DATABASE_URL", default=""):
    DATABASES["owner"] = database("MIGRATE_DATABASE_URL", statement_seconds=0)
if env("SEQUENCER_DATABASE_URL", default=""):
    DATABASES["sequencer"] = database("SEQUENCER_DATABASE_URL", statement_seconds=60)

# Cache and queues. Redis is a hint, never the truth: what must not be lost stands in PostgreSQL.
REDIS_URL: str = env("REDIS_URL", default="redis://127.0.0.1:6379/0")
CACHES: dict[str, dict[str, Any]] = {
    "default": {
        "BACKEND": "marketplace.config.caching.Cache",
        "LOCATION": REDIS_URL,
        "KEY_PREFIX": "jinqiao",
        "OPTIONS": {"socket_connect_timeout": 1, "socket_timeout": 2},
    }
}
CELERY_BROKER_URL = REDIS_URL
CELERY_TASK_IGNORE_RESULT = True
CELERY_TASK_SERIALIZER = "json"
CELERY_ACCEPT_CONTENT = ["json"]
CELERY_TASK_ACKS_LATE = True
CELERY_TASK_REJECT_ON_WORKER_LOST = True
CELERY_WORKER_PREFETCH_MULTIPLIER = 1
CELERY_TASK_TIME_LIMIT = 1800
CELERY_TASK_SOFT_TIME_LIMIT = 1740
CELERY_BROKER_TRANSPORT_OPTIONS = {"visibility_timeout": 3600, "socket_connect_timeout": 2, "socket_timeout": 5}
CELERY_BROKER_CONNECTION_RETRY_ON_STARTUP = True
CELERY_WORKER_HIJACK_ROOT_LOGGER = False
CELERY_TIMEZONE = "UTC"
CELERY_BEAT_SCHEDULE = BEAT
CELERY_BEAT_SCHEDULER = "marketplace.config.beat.Scheduler"
CELERY_TASK_DEFAULT_QUEUE = "default"
# A night's pieces have a queue of their own: a worker that takes from several queues takes from each in turn, so nothing waits behind them.
CELERY_TASK_ROUTES = {"demands.open_due_bids": {"queue": "opener"}, "matching.match_piece": {"queue": "matching"}}

# Keys that only one process may read: a path here, in that process alone.
LEDGER_KEY_FILE: str = env("LEDGER_KEY_FILE", default="")
# Where the signing process keeps the last checkpoint it signed; beside the key when empty.
LEDGER_LAST_CHECKPOINT_FILE: str = env("LEDGER_LAST_CHECKPOINT_FILE", default="")
# Who is asked to cosign each checkpoint: a comma between "URL VKEY" or, for one that we run ourselves, "URL VKEY ours".
LEDGER_WITNESSES: list[str] = env.list("LEDGER_WITNESSES", default=[])
# How many of them are enough, as a C2SP tlog-policy file; any one of them when empty.
LEDGER_POLICY_FILE: str = env("LEDGER_POLICY_FILE", default="")
OPENER_KEY_FILE: str = env("OPENER_KEY_FILE", default="")
# Who stamps the day's checkpoint (RFC 3161), nobody when empty; and the certificates by which the answers are judged.
LEDGER_TSA_URL: str = env("LEDGER_TSA_URL", default="")
LEDGER_TSA_ROOTS: str = env("LEDGER_TSA_ROOTS", default="")
# What everybody may know: the log's one name, and the public half by which bids are sealed.
LEDGER_ORIGIN: str = env("LEDGER_ORIGIN", default="")
OPENER_PUBLIC_KEY: str = env("OPENER_PUBLIC_KEY", default="")
# Encrypts the signing keys that the platform keeps for organisations; the site's secret when empty.
PARTY_KEY_SECRET: str = env("PARTY_KEY_SECRET", default="")

# How payouts leave: "bank_transfer" waits for the bank's statement; "sandbox" answers by itself and says so on its pages.
PAYMENT_GATEWAY: str = env("PAYMENT_GATEWAY", default="bank_transfer")
# The custody account that payment files are paid from.
CUSTODY_NAME: str = env("CUSTODY_NAME", default="")
CUSTODY_NUMBER: str = env("CUSTODY_NUMBER", default="")
CUSTODY_BANK: str = env("CUSTODY_BANK", default="")

# Language, time and files
LANGUAGE_CODE = "zh-hans"
LANGUAGES = [("zh-hans", "简体中文"), ("en", "English")]
USE_I18N = True
TIME_ZONE = "Asia/Shanghai"
USE_TZ = True
STATIC_URL = "/static/"
STATIC_ROOT: Path | None = DATA_DIR / "static"
MEDIA_ROOT = DATA_DIR / "files"
FILE_UPLOAD_PERMISSIONS = 0o600
DATA_UPLOAD_MAX_MEMORY_SIZE = 1024 * 1024
# People's files are never under an address: the platform hands them out after a check. A folder holds them, or a bucket that speaks S3.
FILES_BUCKET = env("FILES_BUCKET", default="")
# A ClamAV daemon's host:port; without one, files are recorded as not scanned.
FILE_SCANNER = env("FILE_SCANNER", default="")
STORAGES = {
    "default": {
        "BACKEND": "storages.backends.s3.S3Storage",
        "OPTIONS": {
            "bucket_name": FILES_BUCKET,
            "endpoint_url": env("FILES_ENDPOINT", default="") or None,
            "region_name": env("FILES_REGION", default="") or None,
            "access_key": env("FILES_ACCESS_KEY", default="") or None,
            "secret_key": env("FILES_SECRET_KEY", default="") or None,
            "addressing_style": "path",
            "default_acl": None,
            "file_overwrite": False,
        },
    }
    if FILES_BUCKET
    else {"BACKEND": "django.core.files.storage.FileSystemStorage"},
    "staticfiles": {"BACKEND": "django.contrib.staticfiles.storage.StaticFilesStorage"},
}

# Every page: nothing from anywhere else, nothing inline.
CONTENT_SECURITY_POLICY = {
    "DIRECTIVES": {
        "default-src": [NONE],
        "script-src": [SELF],
        "style-src": [SELF],
        "img-src": [SELF, "data:"],
        "font-src": [SELF],
        "connect-src": [SELF],
        "form-action": [SELF],
        "base-uri": [NONE],
        "frame-ancestors": [NONE],
        "object-src": [NONE],
    }
}
X_FRAME_OPTIONS = "DENY"
SECURE_REFERRER_POLICY = "same-origin"
SECURE_CROSS_ORIGIN_OPENER_POLICY = "same-origin"
SECURE_CONTENT_TYPE_NOSNIFF = True

# Watching
METRICS_TOKEN: str = env("METRICS_TOKEN", default="")
READY_LAG_SECONDS: int = env.int("READY_LAG_SECONDS", default=30)
DJANGO_STRUCTLOG_CELERY_ENABLED = True
LOGGING = logging_for(json=True, level=env("LOG_LEVEL", default="INFO"))
