"""A pointer for a compositor that has none, moved by lines on standard input.

    move X Y      in pixels of a screen of WIDTH × HEIGHT, the two arguments
    press, release    the left button
    wait SECONDS

Speaks Wayland's wire by itself, as Debian has no tool for it: wlr-virtual-pointer-unstable-v1.
"""

import os
import socket
import struct
import sys
import time

LEFT = 0x110  # BTN_LEFT of linux/input-event-codes.h
DISPLAY, REGISTRY, SYNC, MANAGER, POINTER = 1, 2, 3, 4, 5


def send(wire, sender, opcode, body=b""):
    wire.sendall(struct.pack("=IHH", sender, opcode, 8 + len(body)) + body)


def string(text):
    raw = text.encode() + b"\0"
    return struct.pack("=I", len(raw)) + raw + b"\0" * (-len(raw) % 4)


def events(wire):
    waiting = b""
    while True:
        while len(waiting) >= 8:
            sender, opcode, size = struct.unpack("=IHH", waiting[:8])
            if len(waiting) < size:
                break
            yield sender, opcode, waiting[8:size]
            waiting = waiting[size:]
        read = wire.recv(4096)
        if not read:
            sys.exit("pointer: the compositor is gone")
        waiting += read


def main():
    width, height = (int(argument) for argument in sys.argv[1:3])
    wire = socket.socket(socket.AF_UNIX)
    wire.connect(os.path.join(os.environ["XDG_RUNTIME_DIR"], os.environ["WAYLAND_DISPLAY"]))
    send(wire, DISPLAY, 1, struct.pack("=I", REGISTRY))
    send(wire, DISPLAY, 0, struct.pack("=I", SYNC))
    found = None
    for sender, opcode, body in events(wire):
        if sender == SYNC:
            break
        if sender == REGISTRY and opcode == 0:
            name, length = struct.unpack("=II", body[:8])
            if body[8 : 7 + length] == b"zwlr_virtual_pointer_manager_v1":
                found = name
    if found is None:
        sys.exit("pointer: the compositor takes no pointers")
    interface = string("zwlr_virtual_pointer_manager_v1")
    send(wire, REGISTRY, 0, struct.pack("=I", found) + interface + struct.pack("=II", 1, MANAGER))
    send(wire, MANAGER, 0, struct.pack("=II", 0, POINTER))

    def now():
        return int(time.monotonic() * 1000) & 0xFFFFFFFF

    for line in sys.stdin:
        words = line.split()
        if words[0] == "move":
            x, y = (int(word) for word in words[1:])
            send(wire, POINTER, 1, struct.pack("=IIIII", now(), x, y, width, height))
        elif words[0] in ("press", "release"):
            send(wire, POINTER, 2, struct.pack("=III", now(), LEFT, words[0] == "press"))
        elif words[0] == "wait":
            time.sleep(float(words[1]))
            continue
        else:
            sys.exit(f"pointer: {line}")
        send(wire, POINTER, 4)


main()
