"""Opens a ticket with Python's parser; prints its declaration, root and fields in order as JSON: read_ticket.py FILE"""

import json
import sys
import xml.etree.ElementTree as ET

content = open(sys.argv[1], "rb").read()
root = ET.fromstring(content)
fields = [[field.tag, field.text or ""] for field in root]
print(json.dumps({"first": content[:38].decode(), "root": root.tag, "fields": fields}))
