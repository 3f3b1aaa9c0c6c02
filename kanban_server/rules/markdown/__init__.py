"""Markdown: parsing it, finding what of it is code, and finding who is mentioned."""
