"""The parts that every dashboard is put together from."""
