#!/bin/sh
# What a client does all day, and what its tests do to the mock: with curl and sh.
#
#   torq-mock serve --clock manual &
#   sh client.sh                      # or CONTROL=http://127.0.0.1:7081 sh client.sh
set -eu
control=${CONTROL:-http://127.0.0.1:7081}

# Tests get a world of their own: its clock stands still, nobody else's requests are in its journal.
sandbox=$(curl -sf -X POST "$control/sandboxes" -d '{"clock": "manual", "ttl": "10m"}')
field() { printf '%s' "$1" | sed -n "s/.*\"$2\":\"\([^\"]*\)\".*/\1/p"; }
id=$(printf '%s' "$sandbox" | sed 's/^{"id":"\([^"]*\)".*/\1/')
profile=$(curl -sf "$control/profile?sandbox=$id")
# A section of the profile names what the workflow `slow` needs.
hooks=$(printf '%s\n' "$profile" | sed -n 's/^ *hooks: *//p')
entry() { printf '%s\n' "$profile" | sed -n "/^$1:/,/^[a-z]/p" | sed -n "/^  $2:/,/^  [a-z]/p" | sed -n 's/^    id: *//p' | head -n 1; }
workflow() { printf '%s/v1/webhooks/%s/workflows/%s' "$hooks" "$(entry integrations lab)" "$(entry workflows "$1")"; }
url=$(workflow slow)

# A synchronous call that outlives 50 s: held now, and answered as soon as the clock says so.
answer=$(mktemp)
trap 'rm -f "$answer"; curl -s -o /dev/null -X DELETE "$control/sandboxes/$id"' EXIT
curl -s -w '%{http_code}' -o "$answer" "$url/sync" -d '{"seconds": 70}' > "$answer.status" &
caller=$!
curl -sf -o /dev/null -X POST "$control/clock?sandbox=$id" -d '{"advance": "50s", "when": {"held": 1}}'
wait "$caller"
[ "$(cat "$answer.status")" = 201 ] || { echo "expected 201, got $(cat "$answer.status")"; exit 1; }
rm -f "$answer.status"
execution=$(field "$(cat "$answer")" execution_id)

# Twenty seconds later it is complete.
curl -sf -o /dev/null -X POST "$control/clock?sandbox=$id" -d '{"advance": "20s"}'
status=$(field "$(curl -sf "$control/executions/$execution?sandbox=$id")" status)
[ "$status" = SUCCESS ] || { echo "expected SUCCESS, got $status"; exit 1; }

# What was refused is explained in the journal.
curl -s -o /dev/null -X POST "$url" -H 'Content-Type: application/json' -d '{"seconds": '
gate=$(curl -sf "$control/requests?sandbox=$id&outcome=refused&view=summary" | sed -n 's/.*"gate":"\([a-z-]*\)".*/\1/p')
[ "$gate" = event ] || { echo "expected the gate event, got $gate"; exit 1; }

# It can be sent again, as it came, and whoever watches the stream of events is told of that too.
seq=$(curl -sf "$control/requests?sandbox=$id&outcome=refused&view=summary" | sed -n 's/.*"seq":\([0-9]*\).*/\1/p')
curl -sf -o /dev/null -X POST "$control/requests/$seq/replay?sandbox=$id"
curl -sN --max-time 1 "$control/events?sandbox=$id&after=0" | grep -q "\"replay_of\":$seq" || { echo "no event tells of the replay"; exit 1; }

# What waits for somebody's approval gets it from the test, with an output of its choice.
curl -s -o "$answer" "$(workflow held)/sync" -d '{}' &
caller=$!
curl -sf "$control/wait?sandbox=$id&held=1" | grep -q '"matched":true' || { echo "no call is held"; exit 1; }
held=$(curl -sf "$control/executions?sandbox=$id&limit=1" | sed -n 's/.*"id":"\([^"]*\)".*/\1/p')
curl -sf -o /dev/null -X POST "$control/executions/$held/release?sandbox=$id" -d '{"output": {"approved": true}}'
wait "$caller"
[ "$(cat "$answer")" = '{"approved":true}' ] || { echo "expected the approval, got $(cat "$answer")"; exit 1; }

# With a deliberate fault a test shows that the client notices: here, a fallback that says 200.
curl -sf -o /dev/null -X PUT "$control/faults?sandbox=$id" -d '{"faults": ["fallback-with-200"]}'
curl -s -w '%{http_code}' -o /dev/null "$url/sync" -d '{"seconds": 70}' > "$answer" &
caller=$!
curl -sf -o /dev/null -X POST "$control/clock?sandbox=$id" -d '{"advance": "50s", "when": {"held": 1}}'
wait "$caller"
[ "$(cat "$answer")" = 200 ] || { echo "expected 200, got $(cat "$answer")"; exit 1; }
curl -sf -o /dev/null -X PUT "$control/faults?sandbox=$id" -d '{"faults": []}'

echo "201 after 50 s, SUCCESS after 70 s, refused by $gate"
echo "replayed and told of, approved by hand, 200 with a fault"
