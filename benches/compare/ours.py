"""Our side of the comparison: the peer program that `compare.py` times, and runs of the program itself.

    python ours.py COMMAND [ARGUMENT ...]

runs a command and prints the most memory it held, in bytes. It is a program of its own because a process starts with
the peak of the one that starts it, and that of PyTorch is large; so this file must not import PyTorch.
"""

import json
import os
import shutil
import subprocess
import sys
import tempfile
from contextlib import contextmanager
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent.parent
WINDOW_SECONDS = 8


class Peer:
    """The peer program with one network: it reads questions, one a line, and answers each with a line of JSON."""

    def __init__(self, program, network, weights, inputs, label, threads):
        """Start the program and wait until it has loaded the network; without `weights` it uses the embedded ones."""
        options = {"--model": network, "--inputs": inputs, "--class": label, "--threads": threads}
        if weights is not None:
            options["--weights"] = weights
        command = [str(program)] + [str(word) for option in options.items() for word in option]
        self.process = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
        try:
            self.answer()
        except BaseException:
            self.process.kill()
            raise

    def __enter__(self):
        """Use the program in a `with` block."""
        return self

    def __exit__(self, *_):
        """End the program."""
        end(self.process)
        self.process.stdin.close()
        self.process.stdout.close()

    def ask(self, *words):
        """Ask and return the answer."""
        self.process.stdin.write(" ".join(map(str, words)) + "\n")
        self.process.stdin.flush()
        return self.answer()

    def seconds(self, *words):
        """Ask for work and return how long it took."""
        return self.ask(*words)["seconds"]

    def answer(self):
        """Read an answer."""
        line = self.process.stdout.readline()
        if not line:
            raise RuntimeError(f"the peer ended with exit code {self.process.wait()}")
        answer = json.loads(line)
        if "error" in answer:
            raise RuntimeError(f"the peer: {answer['error']}")
        return answer


def end(process):
    """Ask a process to end, and insist after a while."""
    if process.poll() is None:
        process.terminate()
        try:
            process.wait(5)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()


def peak_of_explaining(program, integration_steps):
    """Return the most memory, in bytes, that explaining the coffee sample takes with so many points of the path."""
    words = ["explain", "assets/samples/coffee.jpg", "--method", "igos", "--iterations", "3"]
    words += ["--integration-steps", str(integration_steps)]
    command = [sys.executable, __file__, str(Path(program).resolve()), *words]
    return int(subprocess.run(command, cwd=ROOT, stdout=subprocess.PIPE, text=True, check=True).stdout)


def peak_of(command):
    """Run a command without showing what it prints, and return the most memory it held, in bytes."""
    process = subprocess.Popen(command, stdout=subprocess.DEVNULL)
    _, status, usage = os.wait4(process.pid, 0)
    process.returncode = os.waitstatus_to_exitcode(status)
    if process.returncode != 0:
        raise SystemExit(f"{command[0]} ended with exit code {process.returncode}")
    return usage.ru_maxrss * (1 if sys.platform == "darwin" else 1024)


def start_up(program):
    """Open the window for some seconds and return what the program traced of its start, or why there is no window."""
    with screen() as environment, tempfile.TemporaryDirectory() as settings, tempfile.TemporaryFile("w+") as errors:
        if environment is None:
            return ["no display and no Xvfb: the window was not opened"]
        command = [str(Path(program).resolve()), "--sample", "coffee", "--trace"]
        environment = environment | {"XDG_DATA_HOME": settings}
        process = subprocess.Popen(command, env=environment, cwd=ROOT, stdout=subprocess.DEVNULL, stderr=errors)
        try:
            process.wait(WINDOW_SECONDS)
            left = [f"the window closed by itself with exit code {process.returncode}"]
        except subprocess.TimeoutExpired:
            left = []
        finally:
            end(process)
        errors.seek(0)
        return [line.rstrip() for line in errors if line.startswith("trace:")] + left


@contextmanager
def screen():
    """Yield the environment for a program with a window, on a virtual screen if there is no other, or None."""
    if os.environ.get("DISPLAY") or os.environ.get("WAYLAND_DISPLAY") or sys.platform != "linux":
        yield dict(os.environ)
        return
    if shutil.which("Xvfb") is None:
        yield None
        return
    command = ["Xvfb", "-displayfd", "1", "-screen", "0", "1400x900x24", "-nolisten", "tcp"]
    server = subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True)
    try:
        number = server.stdout.readline().strip()
        yield os.environ | {"DISPLAY": f":{number}"} if number else None
    finally:
        end(server)
        server.stdout.close()


if __name__ == "__main__":
    print(peak_of(sys.argv[1:]))
