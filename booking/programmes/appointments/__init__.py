"""Clinics: the times of their workers, kept by staff and booked by families."""
