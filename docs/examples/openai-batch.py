# A batch with OpenAI's client for Python. It reads OPENAI_BASE_URL (http://127.0.0.1:8080/v1) and OPENAI_API_KEY.
import base64
import json
import time

from openai import OpenAI

client = OpenAI()

# A line each; custom_id is yours, and comes back with what was made.
lines = [
    json.dumps({"custom_id": prompt, "method": "POST", "url": "/v1/images/generations", "body": {"prompt": prompt, "seed": 7, "response_format": "b64_json"}})
    for prompt in ["red apple", "slice of pizza", "sun"]
]
source = client.files.create(file=("requests.jsonl", "\n".join(lines).encode()), purpose="batch")
batch = client.batches.create(input_file_id=source.id, endpoint="/v1/images/generations", completion_window="24h")
while batch.status not in ("completed", "failed", "expired", "cancelled"):
    time.sleep(1)  # or be told by a webhook of batch.completed
    batch = client.batches.retrieve(batch.id)
print(batch.status, batch.request_counts)

for line in client.files.content(batch.output_file_id).text.splitlines():
    made = json.loads(line)
    with open(made["custom_id"].replace(" ", "-") + ".png", "wb") as file:
        file.write(base64.b64decode(made["response"]["body"]["data"][0]["b64_json"]))
for id in (source.id, batch.output_file_id):
    client.files.delete(id)
