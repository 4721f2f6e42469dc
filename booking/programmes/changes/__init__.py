"""Dates changed, added, moved, switched online or cancelled; who is told; and all of it undone."""
