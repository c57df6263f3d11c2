"""Polls for hours within minutes, with faults, and holds every scrape against the truth."""
