"""Reads a pickle or MessagePack in base64 from standard input, prints JSON."""
import base64
import json
import pickle
import sys

data = base64.b64decode(sys.stdin.read())
if sys.argv[1] == "pickle":
    value = pickle.loads(data)
else:
    from graphite import umsgpack

    value = umsgpack.unpackb(data)
print(json.dumps(value))
