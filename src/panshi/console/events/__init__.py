"""The ledger of the console: its table, and the one door through which is written."""
