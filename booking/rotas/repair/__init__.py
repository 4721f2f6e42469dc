"""Somebody is ill, or says that they cannot: duties are open again, and whoever could take them is asked."""
