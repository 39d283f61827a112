"""Order checks of other systems on our orders; each script runs where its system is installed."""
