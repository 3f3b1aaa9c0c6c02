"""The least that each thing can cost: what our figures are divided by."""
