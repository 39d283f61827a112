"""Exchange messages as text: decode, encode, describe. Knows no session and no file."""
