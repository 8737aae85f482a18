"""Moto's server, one request at a time: serve-moto.py <port> [<clock file>].

The command moto_server answers in threads, and there moto looks whether a key is free long before it writes: of
writers that complete multipart uploads at once, several are told that they were the first.

The clock file, if there is one, holds two numbers of seconds, which tests change as they go: what is to be added to the
times of objects that are written, so that there are old ones, and to the time by which queues hold messages back. The
time that answers tell (Date) is always the true one.
"""

import datetime
import pathlib
import sys

import moto.s3.models
import moto.sqs.models
from moto.moto_server.werkzeug_app import DomainDispatcherApplication, create_backend_app
from werkzeug.serving import run_simple

if len(sys.argv) > 2:
    clock = pathlib.Path(sys.argv[2])
    object_time, queue_time = moto.s3.models.utcnow, moto.sqs.models.unix_time_millis

    def seconds(place):
        words = clock.read_text().split() if clock.exists() else []
        return float(words[place]) if len(words) == 2 else 0.0

    moto.s3.models.utcnow = lambda: object_time() + datetime.timedelta(seconds=seconds(0))
    moto.sqs.models.unix_time_millis = lambda *given: queue_time(*given) + 1000 * seconds(1)

run_simple("127.0.0.1", int(sys.argv[1]), DomainDispatcherApplication(create_backend_app), threaded=False)
