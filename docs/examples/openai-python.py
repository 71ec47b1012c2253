# OpenAI's client for Python. It reads OPENAI_BASE_URL (http://127.0.0.1:8080/v1) and OPENAI_API_KEY.
import base64

from openai import OpenAI

client = OpenAI()

answer = client.images.generate(prompt="red apple", response_format="b64_json")
with open("apple-0.png", "wb") as file:
    file.write(base64.b64decode(answer.data[0].b64_json))

# What OpenAI does not have goes into extra_body; the answer says how the picture was made.
slow = client.images.generate(prompt="red apple", quality="high", extra_body={"seed": 7})
print(slow.model_extra["slipstream"])

# As it appears: guesses on the way, then the picture.
for event in client.images.generate(prompt="red apple", stream=True, partial_images=2):
    print(event.type, len(base64.b64decode(event.b64_json)))
