"""The tables that all kinds of records share; it knows no kind."""
