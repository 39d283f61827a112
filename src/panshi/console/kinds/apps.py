"""Reads every kind's file when the applications are made ready."""

import importlib
import pkgutil

from django.apps import AppConfig
from typing_extensions import override

from panshi.console import kinds


class KindsConfig(AppConfig):
    """Kinds have no tables of their own."""

    name = "panshi.console.kinds"
    label = "kinds"

    @override
    def ready(self) -> None:
        """Make every kind known."""
        for found in pkgutil.iter_modules(kinds.__path__):
            if found.name != "apps":
                importlib.import_module(f"{kinds.__name__}.{found.name}")
