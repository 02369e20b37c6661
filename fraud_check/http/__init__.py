"""The hub's front door: routes and error answers."""
