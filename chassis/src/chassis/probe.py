"""`python -m chassis.probe PORT`: whether the service behind this ops port is ready; for a container's health check.

Only the standard library is imported: it runs every few seconds in every container.
"""

import http.client
import sys

_SECONDS = 8.0


def main(port: int, path: str = "/readyz") -> int:
    """0 when the answer is 200; otherwise 1, with what it said on standard output, where the engine keeps it."""
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=_SECONDS)
    try:
        connection.request("GET", path)
        answer = connection.getresponse()
        said = answer.read(2000).decode(errors="replace")
    except (OSError, http.client.HTTPException) as error:
        said, status = f"{type(error).__name__}: {error}", 0
    else:
        status = answer.status
    finally:
        connection.close()
    sys.stdout.write(said + "\n")
    return 0 if status == http.client.OK else 1


if __name__ == "__main__":
    sys.exit(main(int(sys.argv[1]), *sys.argv[2:3]))
