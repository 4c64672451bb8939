# graphite-web evaluates targets over series that are given: one JSON document a line in, one a line out.
import json, logging, os, re, sys, time, warnings
warnings.simplefilter("ignore")
logging.disable(logging.CRITICAL)
os.environ["DJANGO_SETTINGS_MODULE"] = "graphite.settings"
sys.path.insert(0, "/usr/lib/python3/dist-packages")
import django
from django.conf import settings
django.setup()
settings.TIME_ZONE = "UTC"
os.environ["TZ"] = "UTC"
time.tzset()
import pytz
from datetime import datetime
import graphite.render.evaluator as evaluator
import graphite.render.functions as functions
from graphite.render.datalib import TimeSeries
functions.log.info = lambda *a, **k: None

STORE = {}

def regex(pattern):
    out = ""
    for c in pattern:
        out += {"*": "[^.]*", "?": "[^.]", "{": "(?:", "}": ")", ",": "|"}.get(c) or re.escape(c)
    return re.compile("^" + out + "$")

def seconds(when):
    return int(when.timestamp())

def fetch(context, pattern):
    found, start, end = [], seconds(context["startTime"]), seconds(context["endTime"])
    matches = regex(pattern)
    for name in sorted(STORE):
        if not matches.match(name):
            continue
        step, base, values = STORE[name]
        first, last = start - start % step + step, end - end % step + step
        places = [(t - base) // step for t in range(first, last, step)]
        column = [values[p] if 0 <= p < len(values) else None for p in places]
        series = TimeSeries(name, first, last, step, column, xFilesFactor=context.get("xFilesFactor"))
        series.pathExpression = pattern
        found.append(series)
    return found

evaluator.fetchData = fetch
evaluator.prefetchData = lambda *a: None

for line in sys.stdin:
    asked = json.loads(line)
    STORE.clear()
    for s in asked["series"]:
        STORE[s["name"]] = (s["step"], s["start"], s["values"])
    zone = pytz.utc
    when = lambda t: datetime.fromtimestamp(t, zone)
    answers = []
    for target in asked["targets"]:
        context = {"startTime": when(asked["from"]), "endTime": when(asked["until"]), "now": when(asked["until"]),
                   "tzinfo": zone, "template": {}, "localOnly": False, "data": [], "prefetched": {}, "xFilesFactor": None}
        try:
            found = evaluator.evaluateTarget(context, [target])
            answers.append([{"name": s.name, "start": s.start, "end": s.end, "step": s.step,
                             "values": list(list.__iter__(s))} for s in found])
        except Exception as error:
            answers.append({"error": "%s: %s" % (type(error).__name__, error)})
    print(json.dumps(answers), flush=True)
