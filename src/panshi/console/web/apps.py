"""The Django application of the pages."""

from django.apps import AppConfig


class WebConfig(AppConfig):
    """Registers templates, tags and static files."""

    name = "panshi.console.web"
    label = "web"
