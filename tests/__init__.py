"""The proof, ring by ring: quick ones first, real brokers and containers last."""
