"""Backup, restore, transfer, migration and repair of a whole database."""
