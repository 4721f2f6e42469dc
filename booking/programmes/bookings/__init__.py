"""Taking a place and giving it up: leases, who comes, changes by families, referrals, guests who catch up."""
