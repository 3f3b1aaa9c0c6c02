"""The agent programs that `kanban setup` knows, and their files."""
