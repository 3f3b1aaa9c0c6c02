"""Rules of files on tickets: their names, their types, and what is removed from pictures."""
