"""One module a family of signals; each tells a value and the words that fired it."""
