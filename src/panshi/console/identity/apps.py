"""The Django application of users and organisations."""

from importlib import import_module

from django.apps import AppConfig
from typing_extensions import override


class IdentityConfig(AppConfig):
    """Registers the tables and what listens to logins."""

    name = "panshi.console.identity"
    label = "identity"

    @override
    def ready(self) -> None:
        import_module("panshi.console.identity.watch")
