"""The configuration file: its quantities, its secrets, its shape and how it is read."""
