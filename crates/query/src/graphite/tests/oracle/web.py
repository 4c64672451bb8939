# graphite-web evaluates targets over series that are given: one JSON document a line in, one a line out.
import json, logging, os, re, signal, sys, time, warnings
warnings.simplefilter("ignore")
logging.disable(logging.CRITICAL)
os.environ["DJANGO_SETTINGS_MODULE"] = "graphite.settings"
sys.path.insert(0, os.environ.get("GRAPHITE_WEB", "/usr/lib/python3/dist-packages"))
import django
from django.conf import settings
settings.UTF8_METRICS = True
django.setup()
settings.TIME_ZONE = "UTC"
os.environ["TZ"] = "UTC"
time.tzset()
import pytz
from datetime import datetime
import graphite.render.evaluator as evaluator
import graphite.render.functions as functions
from graphite.finders import match_entries
from graphite.render import attime
from graphite.functions import SeriesFunctions
from graphite.render.datalib import TimeSeries
functions.log.info = lambda *a, **k: None

STORE = {}
CONDITION = re.compile(r"""(['"])([^=!]+)(!?=~?)(.*?)\1""")


def holds(tags, condition):
    _, tag, sign, value = condition
    has = tags.get(tag, "")
    found = re.match(value, has) is not None if "~" in sign else has == value
    return found != sign.startswith("!")

def tagged(call):
    conditions = CONDITION.findall(call)
    for name in sorted(STORE):
        tags = TimeSeries(name, 0, 1, 1, []).tags
        if ";" in name and all(holds(tags, condition) for condition in conditions):
            yield name

def number(value):
    if isinstance(value, (int, float)) and not isinstance(value, bool):
        try:
            value = float(value)
        except OverflowError:
            value = float("inf")
        if value != value:
            return None
        return value if abs(value) != float("inf") else repr(value)
    return value

def regex(pattern):
    out = ""
    for c in pattern:
        out += {"*": "[^.]*", "?": "[^.]", "{": "(?:", "}": ")", ",": "|"}.get(c) or re.escape(c)
    return re.compile("^" + out + "$")

def seconds(when):
    return int(when.timestamp())

def fetch(context, pattern):
    found, start, end = [], seconds(context["startTime"]), seconds(context["endTime"])
    by_tag = pattern.startswith("seriesByTag(")
    matches = regex(pattern)
    for name in tagged(pattern) if by_tag else (name for name in sorted(STORE) if ";" not in name and matches.match(name)):
        step, base, values = STORE[name]
        first, last = start - start % step + step, end - end % step + step
        last = max(last, first + step)
        places = [(t - base) // step for t in range(first, last, step)]
        column = [values[p] if 0 <= p < len(values) else None for p in places]
        series = TimeSeries(name, first, last, step, column, xFilesFactor=context.get("xFilesFactor"))
        series.pathExpression = pattern
        found.append(series)
    return found

evaluator.fetchData = fetch
read_time, NOW = functions.parseATTime, []
functions.parseATTime = lambda text, zone=None, now=None: read_time(text, zone, now or NOW[0])
evaluator.prefetchData = lambda *a: None

print(json.dumps(sorted(SeriesFunctions())), flush=True)
def instant(text, now, zone):
    zone = pytz.timezone(zone)
    try:
        return int(attime.parseATTime(text, zone, datetime.fromtimestamp(now, zone)).timestamp())
    except Exception as error:
        return "%s: %s" % (type(error).__name__, error)

# As its finder goes through folders.
def fits(pattern, path):
    parts, names = pattern.replace("\\", "").split("."), path.split(".")
    return len(parts) == len(names) and all(match_entries([name], part) for part, name in zip(parts, names))

TEXTS = {"time": instant, "glob": fits}

# Some arguments make it run for ever.
def too_long(*_):
    raise TimeoutError("too long")

signal.signal(signal.SIGALRM, too_long)
for line in sys.stdin:
    asked = json.loads(line)
    if "texts" in asked:
        print(json.dumps([TEXTS[kind](*rest) for kind, *rest in asked["texts"]]), flush=True)
        continue
    STORE.clear()
    for s in asked["series"]:
        STORE[s["name"]] = (s["step"], s["start"], s["values"])
    zone = pytz.utc
    when = lambda t: datetime.fromtimestamp(t, zone)
    answers = []
    NOW[:] = [when(asked["now"])]
    for target in asked["targets"]:
        context = {"startTime": when(asked["from"]), "endTime": when(asked["until"]), "now": when(asked["now"]),
                   "tzinfo": zone, "template": {}, "localOnly": False, "data": [], "prefetched": {}, "xFilesFactor": None}
        signal.alarm(2)
        try:
            found = evaluator.evaluateTarget(context, [target])
            answers.append([{"name": s.name, "start": s.start, "end": s.end, "step": s.step,
                             "values": [number(v) for v in list.__iter__(s)], "tags": dict(s.tags.items()), "path": s.pathExpression,
                             "way": s.consolidationFunc} for s in found])
        except Exception as error:
            answers.append({"error": "%s: %s" % (type(error).__name__, error)})
    signal.alarm(0)
    print(json.dumps(answers), flush=True)
