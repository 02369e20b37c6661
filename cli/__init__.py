"""The ``passport`` command: parses, prints and calls front doors. Imported by nobody."""
