"""Moto's server, one request at a time: serve-moto.py <port>.

The command moto_server answers in threads, and there moto looks whether a key is free long before it writes: of
writers that complete multipart uploads at once, several are told that they were the first.
"""

import sys

from moto.moto_server.werkzeug_app import DomainDispatcherApplication, create_backend_app
from werkzeug.serving import run_simple

run_simple("127.0.0.1", int(sys.argv[1]), DomainDispatcherApplication(create_backend_app), threaded=False)
