"""Family-hub booking: parents' places, rooms and staff in one."""
