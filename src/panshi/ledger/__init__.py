"""Evidence: a chain of records of which none can change unseen."""
