"""Reads a pickle or MessagePack in base64 from standard input, prints JSON."""
import base64
import json
import pickle
import sys

data = base64.b64decode(sys.stdin.read())
if sys.argv[1] == "pickle":
    value = pickle.loads(data)
else:
    import collections
    import collections.abc

    # What Graphite brings along asks for a name that Python 3.10 took away.
    collections.Hashable = collections.abc.Hashable
    from graphite import umsgpack

    value = umsgpack.unpackb(data)
print(json.dumps(value))
