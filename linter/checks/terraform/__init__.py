"""Checks of Terraform and Terragrunt."""
