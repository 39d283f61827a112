"""Dated trading rules as data, each with its source, and the pure functions that apply them."""
