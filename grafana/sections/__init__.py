"""Rows of a dashboard, each with a question of its own."""
