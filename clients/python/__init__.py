"""The Python kit is `kulanse_client.py`; this file only lets our tests import it."""
