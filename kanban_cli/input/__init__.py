"""What a user gives a command: texts, also from an editor, and which tickets and events they mean."""
