"""The demo: a day of real order flow through the gate, and the data it runs on."""
