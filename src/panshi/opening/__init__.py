"""The preparation of a trading day: rules, securities and accounts as records for a gate.

It brings rulebook and market together for the gate, and knows neither sessions nor sockets.
"""
