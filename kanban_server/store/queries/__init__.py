"""SQL statements, one module for each noun."""
