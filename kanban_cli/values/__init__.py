"""What is typed as an option or a filter: days, durations, and selections of JSON."""
