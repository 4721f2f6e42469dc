"""Texts with families: what theirs do, and how staff read and answer them."""
