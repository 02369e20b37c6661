"""The whole world on one machine: chain, banks, hub, police and the demo journey."""
