"""One file for each kind of record; they do not know each other."""
