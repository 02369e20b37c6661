"""Tables, and the stores that hide them."""
