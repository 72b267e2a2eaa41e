"""A real Celery worker in a process of its own, to be killed; and a mail server that counts.

The worker is a fork of the script that asks for it: it stands on the script's database, broker and
settings, and is ready in a fraction of a second, so that it can be killed a hundred times.

with Sink(folder) as sink, Worker() as worker:
    worker.kill()               # kill -9, in the middle of whatever it does
    sink.accepted()             # [(to whom, Message-ID)], each letter as often as it was accepted
"""

import asyncio
import os
import signal
import subprocess
import sys
import time
import traceback
import warnings
from email import message_from_bytes
from pathlib import Path

READY_WITHIN = 60  # seconds


class Worker:
    """`celery worker -P solo`, without the start of Python."""

    def __init__(self, log=os.devnull):
        from django.db import connections

        connections.close_all()  # parent and child must not speak on one line
        reading, writing = os.pipe()
        with warnings.catch_warnings():
            # Of threads of the script, as of Python 3.12. The child uses nothing that they hold.
            warnings.simplefilter("ignore", DeprecationWarning)
            self.pid = os.fork()
        if self.pid == 0:
            os.close(reading)
            work(writing, log)  # never comes back
        os.close(writing)
        with os.fdopen(reading) as ready:
            if ready.read(1) != "r":
                raise RuntimeError(f"The worker did not start; see {log}.")

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.kill()

    def kill(self):
        """kill -9; that it is gone is certain afterwards."""
        if self.pid:
            os.kill(self.pid, signal.SIGKILL)
            os.waitpid(self.pid, 0)
            self.pid = 0


def work(writing, log):
    """In the child: a worker until somebody kills it."""
    try:
        out = os.open(log, os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o600)
        os.dup2(out, 1)
        os.dup2(out, 2)
        from kombu import pools

        from hoiphunu.celery import app

        pools.reset()
        app._after_fork()
        app.conf.task_always_eager = False
        app.WorkController(
            pool="solo",
            without_heartbeat=True,
            without_mingle=True,
            without_gossip=True,
            loglevel="WARNING",
            quiet=True,
            ready_callback=lambda consumer: os.write(writing, b"r"),
        ).start()
    except BaseException:
        traceback.print_exc()
    finally:
        os._exit(1)


def wait_until(check, seconds=READY_WITHIN):
    """Ask until it is so; False when it did not come to be."""
    until = time.monotonic() + seconds
    while time.monotonic() < until:
        if check():
            return True
        time.sleep(0.02)
    return False


class Sink:
    """A mail server in a process of its own: what it accepted stands in its file before it says
    that it has. `seconds`: how long it thinks over a letter."""

    def __init__(self, folder, seconds=0.005):
        self.file = Path(folder) / "accepted"
        self.file.touch()
        self.process = subprocess.Popen(
            [sys.executable, __file__, str(self.file), str(seconds)],
            stdout=subprocess.PIPE, text=True,
        )  # fmt: skip
        self.port = int(self.process.stdout.readline())

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.process.kill()
        self.process.wait()
        self.process.stdout.close()

    def accepted(self):
        return [tuple(line.split(" ", 1)) for line in self.file.read_text().splitlines()]


async def serve(file, seconds):
    """As much of SMTP as smtplib speaks."""

    async def speak(reader, writer):
        to, is_open = "", True
        writer.write(b"220 sink\r\n")
        while is_open and (line := await reader.readline()):
            word, answer = line[:4].upper(), b"250 ok\r\n"
            if word == b"RCPT":
                to = line.decode().split("<")[1].split(">")[0]
            elif word == b"DATA":
                writer.write(b"354 go on\r\n")
                letter = await reader.readuntil(b"\r\n.\r\n")
                await asyncio.sleep(seconds)
                print(to, message_from_bytes(letter)["Message-ID"], file=file, flush=True)
            elif word == b"QUIT":
                answer, is_open = b"221 bye\r\n", False
            writer.write(answer)
            await writer.drain()
        writer.close()

    async def answer(reader, writer):
        try:
            await speak(reader, writer)
        except (ConnectionError, asyncio.IncompleteReadError):
            writer.close()  # its worker was killed

    server = await asyncio.start_server(answer, "127.0.0.1", 0)
    print(server.sockets[0].getsockname()[1], flush=True)
    await server.serve_forever()


if __name__ == "__main__":
    with open(sys.argv[1], "a", encoding="utf-8") as kept:
        asyncio.run(serve(kept, float(sys.argv[2])))
