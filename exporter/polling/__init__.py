"""When a collector runs, and what becomes of a run."""
