"""Imports of tickets from other systems."""
