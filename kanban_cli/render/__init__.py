"""How answers look: tables, tickets, sentences and JSON."""
