"""Rendering of results: tables, tickets, sentences and JSON."""
