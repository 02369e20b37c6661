"""Tables, and the repositories that hide them."""
