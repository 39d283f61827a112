"""The simulated exchange gateways: configuration, listing, recorded flow, and their start."""
