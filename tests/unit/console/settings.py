"""The product's settings, but for what a test must not wait for or leave behind."""

from panshi.console.settings import *

SECRET_KEY = "of the tests, and of nothing else"  # noqa: S105 - no secret
# Hashing slowly is what makes a stolen hash useless; tests log in hundreds of times.
PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]
STORAGES = {
    "default": {"BACKEND": "django.core.files.storage.FileSystemStorage"},
    "staticfiles": {"BACKEND": "django.contrib.staticfiles.storage.StaticFilesStorage"},
}
WHITENOISE_AUTOREFRESH = True
CACHES = {"default": {"BACKEND": "django.core.cache.backends.locmem.LocMemCache"}}
