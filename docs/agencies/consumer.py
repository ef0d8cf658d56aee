"""An example for an agency: reads feed.<agency> and keeps the cases of now in one file. Settings: README.md beside it."""

import io
import json
import os
import signal
import sys
import time
import urllib.error
import urllib.request
from datetime import datetime

import fastavro
from confluent_kafka import Consumer, KafkaException


def setting(name, otherwise=None):
    value = os.environ.get(name, otherwise)
    if value is None:
        sys.exit(f"{name} is not set.")
    return value


def security():
    """A client certificate, or a name with a password in a file; the brokers' certificate is always checked."""
    ca = {"ssl.ca.location": setting("KAFKA_CA_FILE")}
    if "KAFKA_CERT_FILE" in os.environ:
        files = {"ssl.certificate.location": setting("KAFKA_CERT_FILE"), "ssl.key.location": setting("KAFKA_KEY_FILE")}
        return {**ca, **files, "security.protocol": "ssl"}
    with open(setting("KAFKA_PASSWORD_FILE"), encoding="utf-8") as file:
        password = file.read().strip()
    login = {"sasl.username": setting("KAFKA_USERNAME"), "sasl.password": password}
    return {**ca, **login, "security.protocol": "sasl_ssl", "sasl.mechanism": "SCRAM-SHA-512"}


schemas = {}


def decode(data):
    """Confluent's wire format: octet 0, id of the writer's schema (4 octets, big endian), Avro binary."""
    if data[0] != 0:
        raise ValueError("The record does not begin as the feed's records do.")
    schema_id = int.from_bytes(data[1:5], "big")
    if schema_id not in schemas:
        schemas[schema_id] = fastavro.parse_schema(json.loads(fetch_schema(schema_id)))
    return fastavro.schemaless_reader(io.BytesIO(data[5:]), schemas[schema_id])


def fetch_schema(schema_id):
    """Asks the registry, five times where it is away or breaks off."""
    url = f"{setting('REGISTRY_URL')}/schemas/ids/{schema_id}"
    for attempt in range(5):
        try:
            with urllib.request.urlopen(url, timeout=30) as answer:
                return json.load(answer)["schema"]
        except OSError as error:
            if attempt == 4 or (isinstance(error, urllib.error.HTTPError) and error.code < 500):
                raise
            time.sleep(2**attempt)


def read_cases(path):
    try:
        with open(path, encoding="utf-8") as file:
            return json.load(file)
    except FileNotFoundError:
        return {}


def keep_cases(path, cases):
    """Under another name first: a kill leaves the old file or the new one, never half of one."""
    with open(os.open(f"{path}.new", os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "w", encoding="utf-8") as file:
        json.dump(cases, file, ensure_ascii=False, default=milliseconds)
    os.replace(f"{path}.new", path)


def milliseconds(value):
    if isinstance(value, datetime):
        return round(value.timestamp() * 1000)
    raise TypeError(type(value).__name__)


def take(record, cases):
    """Of several records of a case the one with the highest revision holds, whatever order they come in and how often."""
    case_id, revision, verb = record["caseId"], record["revision"], record["verb"]
    if case_id in cases and cases[case_id]["revision"] >= revision:
        return False
    if verb in ("issue", "replace"):
        cases[case_id] = record
    elif verb == "revoke":
        # The content goes, the revision stays: an older record that comes late must not bring the case back.
        cases[case_id] = {"revision": revision, "revoked": True}
    else:
        raise ValueError(f'The feed says "{verb}" about {case_id}, which this consumer does not know.')
    return True


def main():
    agency = setting("AGENCY")
    path = setting("CASES_FILE", "cases.json")
    cases = read_cases(path)
    consumer = Consumer(
        {
            "bootstrap.servers": setting("KAFKA_BROKERS"),
            # A group must begin with the agency's name and a dot: no other is allowed.
            "group.id": f"{agency}.cases-py",
            "isolation.level": "read_committed",
            "auto.offset.reset": "earliest",
            "enable.auto.commit": False,
            "session.timeout.ms": 10_000,
            **security(),
        }
    )
    running = True

    def stop(*_):
        nonlocal running
        running = False

    signal.signal(signal.SIGINT, stop)
    signal.signal(signal.SIGTERM, stop)
    consumer.subscribe([f"feed.{agency}"])
    try:
        while running:
            message = consumer.poll(0.5)
            if message is None:
                continue
            if message.error():
                raise KafkaException(message.error())
            if message.value() is not None:
                record = decode(message.value())
                if take(record, cases):
                    keep_cases(path, cases)
                    titles = record["titles"]
                    title = titles.get("en") or next(iter(titles.values()), "")
                    line = {key: record[key] for key in ("verb", "caseId", "revision")}
                    print(json.dumps({**line, "title": title}, ensure_ascii=False), flush=True)
            # After the file: killed in between, we get the record again, and its revision tells.
            consumer.commit(message=message, asynchronous=False)
    except KafkaException as error:
        sys.exit(str(error))
    finally:
        consumer.close()


if __name__ == "__main__":
    main()
