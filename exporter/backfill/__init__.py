"""Backfilling Prometheus with the energy that an API still remembers."""
