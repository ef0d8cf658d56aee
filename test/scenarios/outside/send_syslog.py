"""Sends each line of standard input as a syslog message: send_syslog.py udp|tcp|handler FROM PORT"""

import logging.handlers
import socket
import sys

transport, local, port = sys.argv[1], sys.argv[2], int(sys.argv[3])
lines = sys.stdin.buffer.read().splitlines()
if transport == "handler":
    # Python's own handler; over TCP it ends each message with NUL and knows no octet counting.
    handler = logging.handlers.SysLogHandler(("127.0.0.1", port), socktype=socket.SOCK_STREAM)
    logger = logging.getLogger("outsider")
    logger.addHandler(handler)
    for line in lines:
        logger.error(line.decode())
    handler.close()
elif transport == "tcp":
    with socket.create_connection(("127.0.0.1", port), source_address=(local, 0)) as stream:
        stream.sendall(b"".join(line + b"\n" for line in lines))
else:
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as datagrams:
        datagrams.bind((local, 0))
        for line in lines:
            datagrams.sendto(line, ("127.0.0.1", port))
