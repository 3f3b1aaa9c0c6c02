"""Claims as context managers that renew their own leases."""
