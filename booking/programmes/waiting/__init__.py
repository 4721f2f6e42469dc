"""Waiting lists that fill places by themselves: lines, offers and their answers."""
