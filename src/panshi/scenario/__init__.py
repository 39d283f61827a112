"""Named faults on the real processes: what is injected, what is observed, which invariants hold."""
