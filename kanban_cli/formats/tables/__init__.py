"""Readers of CSV tables: one row per item."""
