"""Checks of alerts, routes, dashboards and what carries signals."""
