"""What things cost, measured on real servers: see README.md. Run by hand; no test asserts a time."""
