"""The verifier over HTTP: routes, authentication, error answers."""
