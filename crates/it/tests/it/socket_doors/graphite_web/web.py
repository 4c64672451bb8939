"""Graphite's own web application over a folder of whisper files: requests in, a line of JSON each out.

A request is a line `METHOD PATH?QUERY`; the query is a form for POST. Without a line `ready` first, it could not start.
"""
import base64
import json
import os
import sys
import warnings

warnings.simplefilter("ignore")
folder = sys.argv[1]
os.environ["DJANGO_SETTINGS_MODULE"] = "graphite.settings"
os.environ["GRAPHITE_ROOT"] = folder

import django
import whisper
from django.conf import settings

for name, value in {
    "WHISPER_DIR": folder,
    "STANDARD_DIRS": [folder],
    "LOG_DIR": folder,
    "LOG_FILE_INFO": "-",
    "LOG_FILE_EXCEPTION": "-",
    "LOG_FILE_CACHE": "-",
    "LOG_FILE_RENDERING": "-",
    "CARBONLINK_HOSTS": [],
    "TAGDB": "graphite.tags.localdatabase.LocalDatabaseTagDB",
    "DATABASES": {"default": {"ENGINE": "django.db.backends.sqlite3", "NAME": os.path.join(folder, "web.db")}},
    "ALLOWED_HOSTS": ["*"],
    "CACHES": {"default": {"BACKEND": "django.core.cache.backends.dummy.DummyCache"}},
    "SECRET_KEY": "only for a test",
    "TIME_ZONE": "UTC",
}.items():
    setattr(settings, name, value)

for line in sys.stdin:
    if line == "\n":
        break
    path, points = json.loads(line)
    file = os.path.join(folder, path.replace(".", "/") + ".wsp")
    os.makedirs(os.path.dirname(file), exist_ok=True)
    whisper.create(file, [(60, 1440)], xFilesFactor=0)
    whisper.update_many(file, points)

django.setup()
from django.core.management import call_command
from django.test import Client

call_command("migrate", verbosity=0, run_syncdb=True)
client = Client(raise_request_exception=False)
print("ready", flush=True)
for line in sys.stdin:
    method, path = line.rstrip("\n").split(" ", 1)
    path, _, query = path.partition("?")
    if method == "GET":
        answer = client.get(path + "?" + query)
    else:
        answer = client.post(path, query, content_type="application/x-www-form-urlencoded")
    body = base64.b64encode(answer.content).decode()
    print(json.dumps({"status": answer.status_code, "type": answer["Content-Type"], "body": body}), flush=True)
