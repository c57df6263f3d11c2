"""What the exporter says about itself, its sources, its collectors and their calls."""
