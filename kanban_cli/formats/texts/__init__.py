"""Readers of text files: Markdown, todo.txt, org-mode."""
