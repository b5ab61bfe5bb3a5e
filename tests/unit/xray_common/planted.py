"""Secrets of many kinds, as they stand in exceptions, SQL, arguments and log lines; none of them is real."""

from __future__ import annotations

from pathlib import Path
from typing import Final

_ID: Final = "AKIA" + "IOSFODNN7EXAMPLE"
_KEY: Final = "wJalrXUtnFEMI/K7MDENG/" + "bPxRfiCYEXAMPLEKEY"
_HEX: Final = "5d672d79c15b13162d9279b0855cfba6789a8edb4c82c400e06b5924a6f2b5d7"
_SESSION: Final = "IQoJb3JpZ2luX2VjEK7//////////wEaCXVzLWVhc3QtMSJHMEUCIQDf9wz"

#: kind -> (the text, what must not get out of it)
SECRETS: Final[dict[str, tuple[str, tuple[str, ...]]]] = {
    "presigned url": (
        f"403 for https://b.s3.amazonaws.com/k?X-Amz-Credential={_ID}%2F20261128%2Fus-east-1&X-Amz-Expires=60"
        f"&X-Amz-Security-Token={_SESSION}%3D&X-Amz-Signature={_HEX}",
        (_ID, _SESSION, _HEX),
    ),
    "presigned url, version 2": (
        f"GET https://b.s3.amazonaws.com/k?AWSAccessKeyId={_ID}&Expires=1&Signature=vjbyPxybdZaNmGa%2ByT272YEAiv4%3D",
        (_ID, "vjbyPxybdZaNmGa"),
    ),
    "signed header": (
        f"Authorization: AWS4-HMAC-SHA256 Credential={_ID}/20261128/us-east-1/s3, Signature={_HEX}",
        (_ID, _HEX),
    ),
    "access key pair": (f"configured {_ID}:{_KEY} for s3a", (_ID, _KEY)),
    "aws credentials in json": (
        f'{{"AccessKeyId": "{_ID}", "SecretAccessKey": "{_KEY}", "SessionToken": "{_SESSION}"}}',
        (_ID, _KEY, _SESSION),
    ),
    "aws environment": (f"env: AWS_SECRET_ACCESS_KEY={_KEY} AWS_REGION=us-east-1", (_KEY,)),
    "session token": (f"the token {_SESSION} included in the request is expired", (_SESSION,)),
    "redshift copy": (
        f"COPY t FROM 's3://b/k' CREDENTIALS 'aws_access_key_id={_ID};aws_secret_access_key={_KEY}'",
        (_ID, _KEY),
    ),
    "bytes": ("settings {'password': b'hunter2'}", ("hunter2",)),
    "a list of one": ('password=["hunter2"]', ("hunter2",)),
    "a secret's own class": ("Login(user='etl', password=SecretStr('hunter2'))", ("hunter2",)),
    "sql of users": ("CREATE USER etl IDENTIFIED BY 'hunter2' PROFILE p", ("hunter2",)),
    "storage key of azure": ("fs.azure.account.key.acc.dfs.core.windows.net=aHVudGVyMg==", ("aHVudGVyMg",)),
    "connection string of azure": ("Endpoint=sb://x;SharedAccessSignature=aHVudGVyMg", ("aHVudGVyMg",)),
    "a value on the next line": ('{"password":\n   "hunter2"}', ("hunter2",)),
    "a short name": ("db_pass: hunter2", ("hunter2",)),
    "presigned url, quoted twice": (f"u=https%253A%252F%252Fb%253FX-Amz-Signature%253D{_HEX}", (_HEX,)),
    "userinfo": ("no route to postgresql://etl:hunter2@db.internal:5432/orders?sslmode=on", ("hunter2",)),
    "userinfo with signs": ("mongodb+srv://etl:hun/ter@2#@db.internal/orders failed", ("hun/ter", "ter@2")),
    "jdbc properties": ("jdbc:sqlserver://db:1433;user=etl;password=hunter2;encrypt=true", ("hunter2",)),
    "jdbc oracle": ("jdbc:oracle:thin:etl/hunter2@//db:1521/orders", ("hunter2",)),
    "jdbc query": ("jdbc:mysql://db/orders?user=etl&password=hunter2&useSSL=true", ("hunter2",)),
    "odbc": ("Driver={SQL Server};Server=db;UID=etl;PWD=hunter2;", ("hunter2",)),
    "sql options": (
        "CREATE TABLE t USING jdbc OPTIONS (dbtable 'o', password 'hunter2', user 'e')",
        ("hunter2",),
    ),
    "sql user": ("CREATE USER etl WITH PASSWORD 'hunter2''s'", ("hunter2",)),
    "program": ('    rows = spark.read.format("jdbc").option("password", "hunter2").load()', ("hunter2",)),
    "spark setting": ("spark.hadoop.fs.s3a.secret.key=hunter2,spark.app.name=clean", ("hunter2",)),
    "command": ("spark-submit --db-password hunter2 job.py", ("hunter2",)),
    "command as a list": ("['job.py', '--api_key', 'hunter2', '--run_date', '2026-01-01']", ("hunter2",)),
    "json": ('{"user": "etl", "password": "hun\\"ter2", "port": 5432}', ("hun", "ter2")),
    "json in json": ('{"SecretString": "{\\"password\\": \\"hunter2\\"}"}', ("hunter2",)),
    "python": ("Config(user='etl', password='hunter2', port=5432)", ("hunter2",)),
    "scala map": ("Map(user -> etl, password -> hunter2)", ("hunter2",)),
    "xml": ("<user>etl</user><password>hunter2</password>", ("hunter2",)),
    "yaml": ("user: etl\npassword: hunter2,3\nport: 1", ("hunter2", ",3")),
    "bearer": ("headers={'Authorization': 'Bearer abc123.def456-ghi'}", ("abc123", "def456")),
    "bearer alone": ("curl -H bearer 9f8e7d6c5b4a3f2e", ("9f8e7d6c",)),
    "basic": ("sent Basic ZXRsOmh1bnRlcjI= to the proxy", ("ZXRsOmh1bnRlcjI",)),
    "cookie": ("Cookie: session=9f8e7d6c; theme=dark", ("9f8e7d6c",)),
    "api key in a url": ("GET https://api.example.com/v1/rates?apikey=9f8e7d6c&base=EUR: 429", ("9f8e7d6c",)),
    "token in a url": (
        "GET https://api.example.com/v1/rates?access_token=9f8e7d6c&base=EUR: 429",
        ("9f8e7d6c",),
    ),
    "private key": (
        "-----BEGIN RSA PRIVATE KEY-----\nMIIEowIBAAKCAQEA\nx9f8e7d6c==\n-----END RSA PRIVATE KEY-----",
        ("MIIEowIBAAKCAQEA", "x9f8e7d6c"),
    ),
    "private key in json": ('"-----BEGIN PRIVATE KEY-----\\nMIIEowIBAAKCAQEA\\n', ("MIIEowIBAAKCAQEA",)),
    "github": (
        "clone https://" + "ghp_" + "16C7e42F292c6912E7710c838347Ae178B4a@github.com/o/r",
        ("16C7e42F",),
    ),
    "slack": (
        "posted with " + "xoxb-" + "17653672481-19874698323-pdFZKVeTuE8sk7oOcHrzqqgy",
        ("17653672481",),
    ),
    "stripe": ("No such customer for " + "sk_live_" + "4eC39HqLyjWDarjtT1zdp7dc", ("4eC39HqLyj",)),
    "jwt": (
        "jwt expired: eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiIxMjM0In0.dozjgNryP4J3jVmN",
        ("dozjgNryP4", "eyJzdWIi"),
    ),
    "google": ("key " + "AIza" + "SyDaGmWKa4JsXZ-HjGw7ISLn_3namBGewQe is not authorized", ("SyDaGmWKa4Js",)),
    "azure": ("https://a.blob.core.windows.net/c?sv=2022&sig=9f8e7d6c5b4a3f2e1d%2B", ("9f8e7d6c",)),
}

#: What must stay as it is: whatever else jobs write.
ORDINARY: Final = (
    (Path(__file__).parent / "data/ordinary.txt").read_text(encoding="utf-8").split("\n--------\n")
)
