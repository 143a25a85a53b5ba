"""The demonstration, the story and development: real servers on loopback, mail kept for reading, forgiving rates by environment."""

from marketplace.config.logs import logging_for
from marketplace.config.settings.base import *

DEVELOPMENT_SECRET = "development-only-secret-that-production-refuses-to-start-with"  # noqa: S105 - public on purpose

DEBUG = env.bool("DEBUG", default=False)
SECRET_KEY = env("SECRET_KEY", default=DEVELOPMENT_SECRET)
ALLOWED_HOSTS = env.list("ALLOWED_HOSTS", default=["127.0.0.1", "localhost", "[::1]"])
INTERNAL_IPS = ["127.0.0.1"]

# Only here: logins with known passwords, and time that a story may push forward.
DEMO_LOGINS = True
STAFF_MFA_REQUIRED = False
CLOCK_OFFSET_ALLOWED = True
PAYMENT_GATEWAY = env("PAYMENT_GATEWAY", default="sandbox")
CUSTODY_NAME = env("CUSTODY_NAME", default="津桥演示存管专户")
CUSTODY_NUMBER = env("CUSTODY_NUMBER", default="110000000000000001")
CUSTODY_BANK = env("CUSTODY_BANK", default="演示银行北京分行")

LEDGER_ORIGIN = env("LEDGER_ORIGIN", default="demo.jinqiao.example/ledger")

# Waits that take days under a contract take seconds here (see marketplace.common.policy).
POLICY = {
    "cooling_off_seconds": 10,
    "publicity_seconds": 10,
    "clearing_seconds": 60,
    "pledge_intent_seconds": 600,
    "account_freeze_seconds": 10,
    "bank_return_seconds": 60,
    **env.json("POLICY", default={}),
}
EMAIL_BACKEND = "marketplace.notices.mail.StoredMailBackend"
# Static files are served from where they are written; only production collects them.
STATIC_ROOT = None
WHITENOISE_USE_FINDERS = True
WHITENOISE_AUTOREFRESH = env.bool("DEBUG", default=False)
LOGGING = logging_for(json=False, level=env("LOG_LEVEL", default="INFO"))
