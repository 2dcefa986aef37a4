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

# It can be sent again, as it came, and whoever watches the stream of events is told of that too.
_, again = call("POST", f"{CONTROL}/requests/{refused['seq']}/replay{of}")
assert again["replay_of"] == refused["seq"], again
with urllib.request.urlopen(f"{CONTROL}/events{of}&after=0", timeout=30) as stream:
    events = (json.loads(line[6:]) for line in stream if line.startswith(b"data: "))
    told = next(event for event in events if event.get("replay_of") is not None)
assert told["seq"] == again["seq"], told

# What waits for somebody's approval gets it from the test, with an output of its choice.
answers.clear()
caller = threading.Thread(target=lambda: answers.append(call("POST", url("held") + "/sync", {})))
caller.start()
_, waited = call("GET", f"{CONTROL}/wait{of}&held=1")
assert waited["matched"], waited
_, newest = call("GET", f"{CONTROL}/executions{of}&limit=1")
call("POST", f"{CONTROL}/executions/{newest['executions'][0]['id']}/release{of}", {"output": {"approved": True}})
caller.join()
assert answers[0] == (200, {"approved": True}), answers

# With a deliberate fault a test shows that the client notices: here, a fallback that says 200.
call("PUT", f"{CONTROL}/faults{of}", {"faults": ["fallback-with-200"]})
answers.clear()
caller = threading.Thread(target=lambda: answers.append(call("POST", url("slow") + "/sync", {"seconds": 70})))
caller.start()
call("POST", f"{CONTROL}/clock{of}", {"advance": "50s", "when": {"held": 1}})
caller.join()
assert answers[0][0] == 200, answers
call("PUT", f"{CONTROL}/faults{of}", {"faults": []})

call("DELETE", f"{CONTROL}/sandboxes/{sandbox['id']}")
print(f"201 after 50 s, SUCCESS after 70 s, refused by {refused['gate']}: {refused['reason']}")
print("replayed and told of, approved by hand, 200 with a fault")
