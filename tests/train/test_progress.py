"""What a person sees while a run trains."""

import fcntl
import os
import pty
import struct
import subprocess
import sys
import termios

import pytest

TRAINING = """
from time import sleep
from gristmill.train.progress import Progress
progress = Progress("maskcon_good  seed 0", 0, 4, 64)
for step in range(4):
    sleep(0.1)
    progress.update(step, 0.01, 1.25)
progress.close()
"""


@pytest.mark.parametrize("width", [0, 120])
def test_bar_is_drawn_on_any_terminal(width: int):
    ours, theirs = pty.openpty()
    fcntl.ioctl(theirs, termios.TIOCSWINSZ, struct.pack("HHHH", width // 4, width, 0, 0))
    process = subprocess.Popen([sys.executable, "-c", TRAINING], stdin=theirs, stdout=theirs, stderr=theirs)
    os.close(theirs)
    seen = b""
    while True:
        try:
            read = os.read(ours, 4096)
        except OSError:  # the other end is closed
            break
        if not read:
            break
        seen += read
    os.close(ours)
    assert process.wait() == 0
    lines = seen.decode().split("\r")
    assert any("maskcon_good" in line and "step 4/4" in line for line in lines)
    assert width == 0 or any("  loss 1.250  " in line and "  data " in line for line in lines)
