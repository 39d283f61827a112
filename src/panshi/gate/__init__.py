"""Facade of the native gate: its journal, configuration, start and control. Decides no order."""
