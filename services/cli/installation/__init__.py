"""What `kulanse up` starts on one machine: a broker, every service as its own process, the keys."""
