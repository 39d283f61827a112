"""A slow, plain engine written from docs/rules/engine.md alone.

It must agree with the native engine on every output.
"""
