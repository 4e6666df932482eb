"""The console: the desk's web pages, one module a room; the same process and port as the door."""
