"""Raw shapes to submitted complaints: one file a channel, each pure."""
