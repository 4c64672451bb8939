"""InfluxDB's own client writes points to the address given: host and port."""
import sys

from influxdb import InfluxDBClient

client = InfluxDBClient(host=sys.argv[1], port=int(sys.argv[2]), database="telegraf")
point = {"measurement": "cpu", "tags": {"host": "web3"}, "fields": {"idle": 97.5, "user": 2, "mode": "on"}}
assert client.write_points([point])
client = InfluxDBClient(host=sys.argv[1], port=int(sys.argv[2]), database="telegraf", gzip=True)
assert client.write_points([{**point, "measurement": "packed"}])
