"""Programmes and timetables read from files."""
