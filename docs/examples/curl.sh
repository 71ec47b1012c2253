#!/bin/sh
# curl and nothing else but jq: ask, follow, download.
set -eu
url=${SLIPSTREAM_URL:-http://127.0.0.1:8080}
ask() { curl -sS --fail-with-body -H "authorization: Bearer ${SLIPSTREAM_API_KEY:-none}" -H 'content-type: application/json' "$@"; }

# Wait in the request.
ask "$url/v1/images/generations" -d '{"prompt":"red apple","seed":7,"response_format":"b64_json"}' | jq -r '.data[0].b64_json' | base64 -d > apple-0.png

# Or be answered at once, with a name of your own so that sending it again makes no second one, and follow it.
id=$(ask "$url/v1/generations" -H "idempotency-key: apple-$$" -d '{"prompt":"red apple","seed":7}' | jq -r .id)
while :; do
  answer=$(ask "$url/v1/generations/$id")
  case $(echo "$answer" | jq -r .status) in queued|in_progress) sleep 0.2 ;; *) break ;; esac
done
curl -sS -o apple-1.png "$(echo "$answer" | jq -r '.data[0].url')"
echo "$answer" | jq .slipstream
