"""Clients of other people's servers: banks' static files, the hub, the webhook's receiver."""
