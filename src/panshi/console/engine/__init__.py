"""What a kind of record is, and the services that every kind has; it knows no single kind."""
