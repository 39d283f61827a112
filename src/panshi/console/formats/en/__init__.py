"""Dates, times and numbers of one language."""
