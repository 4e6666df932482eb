"""Who is compared: our stage, and the same `decide` in other shells. Each is a process on a core.

Same codec, same events, acks from all. What each keeps, and what a crash would cost it, stands in
its own module.
"""
