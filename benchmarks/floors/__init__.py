"""Floors: the minimum cost of each operation, by which the figures are divided."""
