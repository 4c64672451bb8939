import os, random, sys, whisper

folder, files = sys.argv[1], int(sys.argv[2])
random.seed(7)


def shape():
    step, archives = random.choice([1, 2, 10, 60]), []
    for n in range(random.randint(1, 3)):
        points = random.randint(6, 30)
        if archives:
            finer, count = archives[-1]
            step = finer * random.randint(2, 5)
            points = max(points, finer * count // step + random.randint(1, 9))
            if count < step // finer:
                break
        archives.append((step, points))
    return archives


for n in range(files):
    name = "%d.wsp" % n
    path = os.path.join(folder, name)
    archives = shape()
    method = random.choice(["average", "sum", "last", "max", "min", "avg_zero", "absmax", "absmin"])
    whisper.create(path, archives, random.choice([0, 0.3, 0.5, 1]), method)
    longest = max(s * p for s, p in archives)
    now = 1700000000 + random.randint(0, 1000)
    for _ in range(random.randint(0, 60)):
        now += random.randint(1, max(2, longest // random.choice([4, 20])))
        whisper.update_many(path, [(now - random.randint(0, archives[0][0] * 3), random.randint(-99, 99) / 4)], now)
    for _ in range(20):
        at = now + random.choice([0, 0, random.randint(0, longest)])
        start = at - random.randint(0, longest + 20)
        end = start + random.randint(0, longest)
        got = whisper.fetch(path, start, end, at)
        line = "%s %d %d %d | " % (name, start, end, at)
        if got is None:
            print(line + "None | ")
            continue
        (a, b, step), values = got
        text = " ".join("None" if v is None else repr(v)[:-2] if repr(v).endswith(".0") else repr(v) for v in values)
        print(line + "%d %d %d | %s" % (a, b, step, text))
