"""Webhook deliveries and the HTTP client that sends them."""
