"""What needs people, as shifts: of opening hours, of sessions, and by hand; kept in step with what they are made from."""
