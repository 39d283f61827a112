"""The web console: people, their work records and the gate in the browser."""
