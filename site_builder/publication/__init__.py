"""Publications: each portal a new generation beside the old one, switched by one rename."""
