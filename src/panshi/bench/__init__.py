"""Measurements; each file measures one room and returns its figures."""
