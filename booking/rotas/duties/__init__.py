"""What people on the rota see and do themselves: their duties, their answer to them, swaps, and what else they could take."""
