"""The holder's screen in a terminal."""
