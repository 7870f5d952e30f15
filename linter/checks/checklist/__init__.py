"""Checks of the delivery checklist."""
