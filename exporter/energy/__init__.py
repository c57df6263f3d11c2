"""The energy counters of every server, which persist across restarts of the exporter."""
