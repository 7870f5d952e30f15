"""Checks of Dockerfiles."""
