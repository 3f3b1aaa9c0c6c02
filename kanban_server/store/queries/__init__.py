"""SQL statements, a file a noun."""
