"""A notice to everybody at a hub, place, run, session or waiting list: who it is for, sending it, taking it back."""
