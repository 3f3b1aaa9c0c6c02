"""Readers of JSON that trackers export."""
