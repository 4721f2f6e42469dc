"""Who came: the register of a session and its marks."""
