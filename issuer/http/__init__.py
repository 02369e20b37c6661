"""The application: routes and error answers."""
