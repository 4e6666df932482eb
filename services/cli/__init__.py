"""The kulanse command: one module a verb, over the services' pure cores."""
