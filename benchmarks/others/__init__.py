"""Graph systems that answer another question than ours, measured once beside the engine, with the difference stated."""
