"""Ways out: one file each, all with the same two verbs (`perform`, `ask`)."""
