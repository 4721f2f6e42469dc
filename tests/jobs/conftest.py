from tests.messages.conftest import emptied, own_database

__all__ = ["emptied", "own_database"]
