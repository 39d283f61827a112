"""Calendar, securities master and recorded order flow. Knows the rulebook, never the gate."""
