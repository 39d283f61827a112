"""Devices, lines, rooms and software, and what hangs on what: the configuration library."""
