"""The ledger's Django application."""

from django.apps import AppConfig


class EventsConfig(AppConfig):
    """Registers the table of events."""

    name = "panshi.console.events"
    label = "events"
