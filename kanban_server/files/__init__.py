"""Contents of files: received, prepared, stored, and sent again, all in parts of a limited size."""
