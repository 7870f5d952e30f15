"""opslint: one model over what a team ships with, rules, frameworks and a gate."""

__version__ = "0.1.0"
