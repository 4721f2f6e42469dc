"""Places closed with all that is in the way, families, partners and staff told; and opened again."""
