"""Checks of pipelines of every system."""
