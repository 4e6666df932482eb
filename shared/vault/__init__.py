"""Seals `personal`: a key per complainant, wrapped by one secret, destroyed when forgotten."""
