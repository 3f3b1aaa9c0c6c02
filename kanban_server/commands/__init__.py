"""Commands that need the server's own files. Each module has a `main` that takes the arguments after the command."""
