"""Programmes and runs planned by staff: the form, the grid, drafts, publishing, the best plans, least numbers."""
