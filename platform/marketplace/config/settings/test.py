"""The tests: cheap password hashes, a cache of their own, rates that only their own tests meet, and no patience for locks."""

from marketplace.config.logs import logging_for
from marketplace.config.settings.dev import *

DEBUG = False
ALLOWED_HOSTS = ["*"]
PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]
CACHES["default"]["KEY_PREFIX"] = f"test-{env('PYTEST_XDIST_WORKER', default='main')}"
CELERY_TASK_ALWAYS_EAGER = True
CELERY_TASK_EAGER_PROPAGATES = True
MEDIA_ROOT = DATA_DIR / "test-files"
REST_FRAMEWORK = {**REST_FRAMEWORK, "DEFAULT_THROTTLE_CLASSES": []}
ACCOUNT_RATE_LIMITS = False
for _connection in DATABASES.values():
    _connection["CONN_MAX_AGE"] = 0
    _connection["CONN_HEALTH_CHECKS"] = False
LOGGING = logging_for(json=False, level="WARNING")
# Look for a static file when it is asked for: every test client would otherwise read all of them before its first request.
WHITENOISE_AUTOREFRESH = True
