"""What needs the server's own files: a module a verb, each with a `main` that takes the arguments behind the verb."""
