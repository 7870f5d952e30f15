"""Checks of Kubernetes objects and what deploys them."""
