"""`kanban hook`: what an agent program runs at each event of a session."""
