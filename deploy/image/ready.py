"""The images' health check: is this container's process ready? Nothing but Python's own sockets.

Exit code 0: ready; 1: not, and the reason is printed (`docker inspect` shows it).
"""

import os
import socket
import sys

ANSWER_S_MAX = 4.0
WORDS_MAX = 4096


def main() -> int:
    """Ask once."""
    port = int(os.environ["KULANSE_HTTP_PORT"])
    try:
        with socket.create_connection(("127.0.0.1", port), ANSWER_S_MAX) as connection:
            connection.sendall(b"GET /ready HTTP/1.0\r\nHost: localhost\r\n\r\n")
            said = b"".join(iter(lambda: connection.recv(WORDS_MAX), b""))
    except OSError as error:
        sys.stdout.write(f"does not answer: {error.strerror}\n")
        return 1
    sys.stdout.write(said.partition(b"\r\n\r\n")[2][:WORDS_MAX].decode("utf-8", "replace"))
    return 0 if b" 200 " in said.partition(b"\r\n")[0] else 1


if __name__ == "__main__":
    sys.exit(main())
