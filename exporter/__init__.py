"""serverfleet-exporter: health, power, energy and alerts of whole server fleets for Prometheus."""

__version__ = "0.1.0"
