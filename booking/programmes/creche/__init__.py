"""The creche beside a course: its places on every date, its form and its register."""
