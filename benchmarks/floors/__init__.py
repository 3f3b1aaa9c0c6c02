"""Floors: the minimum cost of each operation, by which our figures are divided."""
