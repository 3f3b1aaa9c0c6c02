"""Imports of tickets that were made elsewhere."""
