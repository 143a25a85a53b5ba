"""Production: refuses to start with a known secret, with DEBUG, without HTTPS, or with a demonstration's short deadlines."""

from django.core.exceptions import ImproperlyConfigured

from marketplace.config.settings.base import *

SECRET_KEY = env("SECRET_KEY")
ALLOWED_HOSTS = env.list("ALLOWED_HOSTS")
SITE_URL = env("SITE_URL")
CSRF_TRUSTED_ORIGINS = env.list("CSRF_TRUSTED_ORIGINS", default=[SITE_URL])
for name in ("DATABASE_URL", "REDIS_URL", "LEDGER_ORIGIN", "OPENER_PUBLIC_KEY"):
    env(name)  # has no default here: what base would fall back to is for development

DEMO_LOGINS = False
STAFF_MFA_REQUIRED = True
CLOCK_OFFSET_ALLOWED = False

SECURE_SSL_REDIRECT = env.bool("SECURE_SSL_REDIRECT", default=True)
SECURE_REDIRECT_EXEMPT = [r"^healthz$", r"^readyz$", r"^metrics$"]
SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https")
SECURE_HSTS_SECONDS = 365 * 24 * 3600
SECURE_HSTS_INCLUDE_SUBDOMAINS = True
SECURE_HSTS_PRELOAD = True
SESSION_COOKIE_SECURE = True
SESSION_COOKIE_NAME = "__Host-session"
CSRF_COOKIE_SECURE = True
CSRF_COOKIE_NAME = "__Host-csrf"
STORAGES = {**STORAGES, "staticfiles": {"BACKEND": "whitenoise.storage.CompressedManifestStaticFilesStorage"}}

EMAIL_BACKEND = "django.core.mail.backends.smtp.EmailBackend"
EMAIL_HOST = env("EMAIL_HOST", default="localhost")
EMAIL_PORT = env.int("EMAIL_PORT", default=587)
EMAIL_HOST_USER = env("EMAIL_HOST_USER", default="")
EMAIL_HOST_PASSWORD = env("EMAIL_HOST_PASSWORD", default="")
EMAIL_USE_TLS = env.bool("EMAIL_USE_TLS", default=True)
EMAIL_TIMEOUT = 10


def refuse_what_is_not_safe() -> None:
    """Raise ImproperlyConfigured with what to change, for the first setting that must not reach production."""
    if len(SECRET_KEY) < 50 or SECRET_KEY.startswith("development-only"):
        raise ImproperlyConfigured("SECRET_KEY must be a random string of at least 50 characters; the development secret is public.")
    if env.bool("DEBUG", default=False):
        raise ImproperlyConfigured("DEBUG must be off in production: unset it.")
    if not SITE_URL.startswith("https://"):
        raise ImproperlyConfigured("SITE_URL must start with https:// in production.")
    if not SECURE_SSL_REDIRECT:
        raise ImproperlyConfigured("SECURE_SSL_REDIRECT must stay on in production.")
    if PAYMENT_GATEWAY == "sandbox":
        raise ImproperlyConfigured("PAYMENT_GATEWAY=sandbox pays nobody: production uses bank_transfer.")
    if "*" in ALLOWED_HOSTS:
        raise ImproperlyConfigured("ALLOWED_HOSTS must name the hosts this site answers for, not '*'.")


refuse_what_is_not_safe()
