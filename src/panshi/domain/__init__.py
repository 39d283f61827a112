"""The words of the trade: markets, money, quantities, time and errors. No I/O, no other room."""
