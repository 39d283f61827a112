"""A place to try things out: processes, order systems, an exchange that says what it is told to.

The demo, the scenarios, the soak and the integration tests stand on it.
"""
