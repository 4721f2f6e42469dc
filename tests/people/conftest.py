"""What the tests of staff's pages have, for the pages about people."""

from tests.staff.conftest import count_queries

__all__ = ["count_queries"]
