"""What a client does all day, and what its tests do to the mock: Python, standard library only.

    torq-mock serve --clock manual &
    python3 client.py                 # or CONTROL=http://127.0.0.1:7081 python3 client.py
"""

import json
import os
import threading
import urllib.error
import urllib.request

CONTROL = os.environ.get("CONTROL", "http://127.0.0.1:7081")


def call(method, url, body=None, headers=None):
    """Status and JSON of an answer, whatever its status."""
    data = None if body is None else json.dumps(body).encode()
    headers = {"Content-Type": "application/json", "Accept": "application/json", **(headers or {})}
    request = urllib.request.Request(url, data=data, method=method, headers=headers)
    try:
        with urllib.request.urlopen(request, timeout=30) as answer:
            return answer.status, json.loads(answer.read() or b"null")
    except urllib.error.HTTPError as error:
        return error.code, json.loads(error.read() or b"null")


# Tests get a world of their own: its clock stands still, nobody else's requests are in its journal.
status, sandbox = call("POST", f"{CONTROL}/sandboxes", {"clock": "manual", "ttl": "10m"})
assert status == 201, sandbox
profile, of = sandbox["profile"], f"?sandbox={sandbox['id']}"


def url(workflow):
    """The Asynchronous URL of a workflow."""
    entry = profile["workflows"][workflow]
    integration = profile["integrations"][entry["integration"]]
    return f"{profile['urls']['hooks']}/v1/webhooks/{integration['id']}/workflows/{entry['id']}"


# A synchronous call that outlives 50 s: held now, and answered as soon as the clock says so.
answers = []
caller = threading.Thread(target=lambda: answers.append(call("POST", url("slow") + "/sync", {"seconds": 70})))
caller.start()
status, moved = call("POST", f"{CONTROL}/clock{of}", {"advance": "50s", "when": {"held": 1}})
assert (status, moved["answered"]) == (200, 1), moved
caller.join()
status, body = answers[0]
assert status == 201, body

# Twenty seconds later it is complete.
call("POST", f"{CONTROL}/clock{of}", {"advance": "20s"})
_, execution = call("GET", f"{CONTROL}/executions/{body['execution_id']}{of}")
assert execution["status"] == "SUCCESS", execution

# What was refused is explained in the journal: here, a secret with a scheme before it.
header = profile["integrations"]["guarded"]["headers"][0]
status, _ = call("POST", url("guarded"), {}, {header["name"]: "Bearer " + header["secret"]})
assert status == 400
_, journal = call("GET", f"{CONTROL}/requests{of}&outcome=refused")
refused = journal["requests"][0]
assert refused["mistakes"] == ["something-before"], refused
call("DELETE", f"{CONTROL}/sandboxes/{sandbox['id']}")
print(f"201 after 50 s, SUCCESS after 70 s, refused by {refused['gate']}: {refused['reason']}")
