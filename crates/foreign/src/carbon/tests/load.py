# Prints what carbon's own loader makes of two files: FOLDER KIND.
import os, re, sys, types

folder, kind = sys.argv[1], sys.argv[2]
from carbon.conf import settings

settings["CONF_DIR"] = folder
settings.CONF_DIR = folder
from carbon import state
import whisper


class Database:
    aggregationMethods = list(whisper.aggregationMethods)

    def validateArchiveList(self, archives):
        try:
            whisper.validateArchiveList(archives)
        except whisper.InvalidConfiguration as e:
            raise ValueError("%s" % e)


state.database = Database()
from carbon import storage

storage.STORAGE_SCHEMAS_CONFIG = os.path.join(folder, "storage-schemas.conf")
storage.STORAGE_AGGREGATION_CONFIG = os.path.join(folder, "storage-aggregation.conf")
sys.stdout, out = open(os.devnull, "w"), sys.stdout
loaded = storage.loadStorageSchemas() if kind == "schemas" else storage.loadAggregationSchemas()
for rule in loaded[:-1]:
    if kind == "schemas":
        text = ",".join("%d:%d" % a.getTuple() for a in rule.archives)
    else:
        text = "%s %s" % rule.archives
    out.write("%s|%s|%s\n" % (rule.name, rule.pattern, text))
