"""The scenarios, one small module for each kind of fault; each module lists its SCENARIOS."""
