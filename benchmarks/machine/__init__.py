"""What the benchmarks read from this machine and start on it: processor times, control groups, a PostgreSQL cluster."""


class Missing(Exception):
    """Something that a measurement needs and that can't be had here. Its text is the reason."""
