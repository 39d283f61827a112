"""Django's settings. What differs between installations comes from the surroundings.

PANSHI_HOME: folder of the state. DATABASE_URL: PostgreSQL instead of SQLite. PANSHI_CONSOLE_HOSTS:
names under which the console is reached, with commas. PANSHI_CONSOLE_TLS: `own` (this process
speaks TLS), `proxy` (one in front does), `none` (plain, on loopback only).
"""

from __future__ import annotations

import os
from pathlib import Path

from django.utils.translation import gettext_lazy as _

from panshi.console.database import describe_database
from panshi.console.home import find_home
from panshi.console.policy import FAILURES_MAX, LOCK_TIME, SESSION_MAX

FOLDER = Path(__file__).resolve().parent
HOME = find_home()
TLS = os.environ.get("PANSHI_CONSOLE_TLS", "own")

DEBUG = False
SECRET_KEY = HOME.load_secret_key()
ALLOWED_HOSTS = [
    "localhost",
    "127.0.0.1",
    "[::1]",
    *filter(None, os.environ.get("PANSHI_CONSOLE_HOSTS", "").split(",")),
]

INSTALLED_APPS = [
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.sessions",
    "django.contrib.messages",
    "whitenoise.runserver_nostatic",
    "django.contrib.staticfiles",
    "django_htmx",
    "panshi.console.events",
    "panshi.console.identity",
    "panshi.console.items",
    "panshi.console.records",
    "panshi.console.kinds",
    "panshi.console.web",
    "allauth",
    "allauth.account",
    "allauth.mfa",
    "axes",
]

MIDDLEWARE = [
    "django.middleware.security.SecurityMiddleware",
    "whitenoise.middleware.WhiteNoiseMiddleware",
    "panshi.console.web.policy.ContentPolicy",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "django.contrib.auth.middleware.LoginRequiredMiddleware",
    "panshi.console.web.language.LanguageOfUser",
    "django.contrib.messages.middleware.MessageMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
    "panshi.console.web.gatekeeper.Gatekeeper",
    "allauth.account.middleware.AccountMiddleware",
    "django_htmx.middleware.HtmxMiddleware",
    "axes.middleware.AxesMiddleware",
]

ROOT_URLCONF = "panshi.console.urls"
WSGI_APPLICATION = "panshi.console.wsgi.application"
TEMPLATES = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        # Ours stand before those of allauth, which have the same names.
        "DIRS": [FOLDER / "web" / "templates"],
        "APP_DIRS": True,
        "OPTIONS": {
            "context_processors": [
                "django.template.context_processors.request",
                "django.contrib.auth.context_processors.auth",
                "django.contrib.messages.context_processors.messages",
                "panshi.console.web.context.page",
            ]
        },
    }
]

DATABASES = {"default": describe_database(os.environ.get("DATABASE_URL", ""), HOME.database)}
# Shared by all processes: used codes and limits must be known to each of them.
CACHES = {
    "default": {
        "BACKEND": "django.core.cache.backends.db.DatabaseCache",
        "LOCATION": "console_cache",
    }
}
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"

AUTH_USER_MODEL = "identity.User"
AUTHENTICATION_BACKENDS = [
    "axes.backends.AxesStandaloneBackend",
    "django.contrib.auth.backends.ModelBackend",
]
AUTH_PASSWORD_VALIDATORS = [
    {"NAME": name}
    for name in (
        "panshi.console.identity.passwords.Strength",
        "panshi.console.identity.passwords.NotUsedLately",
        "django.contrib.auth.password_validation.UserAttributeSimilarityValidator",
        "django.contrib.auth.password_validation.CommonPasswordValidator",
    )
]
# An account is locked, wherever the wrong passwords came from.
AXES_LOCKOUT_PARAMETERS = ["username"]
SILENCED_SYSTEM_CHECKS = ["axes.W006"]  # it wants addresses, which are those of a proxy or a desk
AXES_FAILURE_LIMIT = FAILURES_MAX
AXES_COOLOFF_TIME = LOCK_TIME
AXES_RESET_ON_SUCCESS = True
AXES_LOCKOUT_TEMPLATE = "web/locked.html"
AXES_HTTP_RESPONSE_CODE = 429
AXES_DISABLE_ACCESS_LOG = True
AXES_VERBOSE = False
LOGIN_URL = "account_login"
LOGIN_REDIRECT_URL = "workbench"
ACCOUNT_ADAPTER = "panshi.console.identity.adapter.AccountAdapter"
ACCOUNT_FORMS = {
    "login": "panshi.console.identity.forms.LoginForm",
    "change_password": "panshi.console.identity.forms.PasswordForm",
    "reauthenticate": "panshi.console.identity.forms.ReauthenticateForm",
}
ACCOUNT_EMAIL_VERIFICATION = "none"
ACCOUNT_LOGIN_METHODS = {"username"}
ACCOUNT_LOGOUT_REDIRECT_URL = "account_login"
# Wrong passwords are counted by axes, in the database; the other limits are allauth's own.
ACCOUNT_RATE_LIMITS = {"login_failed": None}
ACCOUNT_SESSION_REMEMBER = False
ACCOUNT_SIGNUP_FIELDS = ["username*", "password1*"]
ACCOUNT_USER_MODEL_EMAIL_FIELD = None
MFA_ADAPTER = "panshi.console.identity.adapter.SecondFactorAdapter"
MFA_SUPPORTED_TYPES = ["totp", "recovery_codes"]
# A telephone's clock may be half a minute off.
MFA_TOTP_TOLERANCE = 1
MFA_TOTP_ISSUER = "磐石 Panshi"

# The interface is Chinese whatever a browser asks for; a user's profile may say English.
LANGUAGE_CODE = "zh-hans"
LANGUAGES = [("zh-hans", _("简体中文")), ("en", _("英文"))]
LOCALE_PATHS = [FOLDER / "locale"]
FORMAT_MODULE_PATH = ["panshi.console.formats"]
TIME_ZONE = "Asia/Shanghai"
USE_TZ = True

STATIC_URL = "static/"
STATIC_ROOT = HOME.static
STORAGES = {
    "default": {"BACKEND": "django.core.files.storage.FileSystemStorage"},
    "staticfiles": {"BACKEND": "whitenoise.storage.CompressedManifestStaticFilesStorage"},
}
MEDIA_ROOT = HOME.attachments

SECURE_COOKIES = TLS != "none"
SESSION_COOKIE_SECURE = SECURE_COOKIES
CSRF_COOKIE_SECURE = SECURE_COOKIES
SESSION_COOKIE_NAME = "__Host-panshi" if SECURE_COOKIES else "panshi"
CSRF_COOKIE_NAME = "__Host-panshi-csrf" if SECURE_COOKIES else "panshi-csrf"
SESSION_COOKIE_AGE = int(SESSION_MAX.total_seconds())
SESSION_COOKIE_HTTPONLY = True
CSRF_COOKIE_HTTPONLY = True
SESSION_COOKIE_SAMESITE = "Strict"
CSRF_COOKIE_SAMESITE = "Strict"
SESSION_EXPIRE_AT_BROWSER_CLOSE = True
SECURE_HSTS_SECONDS = 31_536_000 if SECURE_COOKIES else 0
SECURE_CONTENT_TYPE_NOSNIFF = True
SECURE_REFERRER_POLICY = "same-origin"
X_FRAME_OPTIONS = "DENY"
if TLS == "proxy":
    SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https")

LOGGING = {
    "version": 1,
    "disable_existing_loggers": False,
    "handlers": {"stderr": {"class": "logging.StreamHandler"}},
    "root": {"handlers": ["stderr"], "level": "WARNING"},
}
