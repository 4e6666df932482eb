"""The events, their topics and their keys: the only thing services agree on."""
