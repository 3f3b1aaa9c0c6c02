"""Benchmarks: each figure is measured in the same run as its floor; see README.md."""
