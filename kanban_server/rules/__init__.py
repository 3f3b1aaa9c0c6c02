"""The rules in plain Python, with no database, clock or framework: validation, permissions, ordering, computations."""
