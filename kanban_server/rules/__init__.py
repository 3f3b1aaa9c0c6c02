"""Plain Python, with no database, clock or framework: may it, and where does it land."""
