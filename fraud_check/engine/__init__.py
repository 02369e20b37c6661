"""The money-flow graph: what is judged and explained in Python, computed in Rust."""
