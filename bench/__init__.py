"""Measurements: `make bench` prints a table of figures, marks and ratios, all from one run."""
