"""The application's name in Django."""

from django.apps import AppConfig


class ItemsConfig(AppConfig):
    """Registers the tables of items."""

    name = "panshi.console.items"
    label = "items"
