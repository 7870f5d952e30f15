"""Checks of pages people read."""
