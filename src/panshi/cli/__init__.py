"""The `panshi` command: thin, it parses arguments and prints; the rooms do the work."""
