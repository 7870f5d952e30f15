"""Checks of what only several artifacts together show."""
