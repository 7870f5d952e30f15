"""Checks of environments beside each other."""
