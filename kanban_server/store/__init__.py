"""Persistence: transactions, tables, the event log, queries and migrations."""
