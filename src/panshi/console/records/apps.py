"""The application's name in Django."""

from django.apps import AppConfig


class RecordsConfig(AppConfig):
    """Tables of all kinds."""

    name = "panshi.console.records"
    label = "records"
