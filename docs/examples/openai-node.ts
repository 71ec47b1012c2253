// OpenAI's client for Node. It reads OPENAI_BASE_URL (http://127.0.0.1:8080/v1) and OPENAI_API_KEY.
import { writeFile } from 'node:fs/promises';
import OpenAI from 'openai';

const openai = new OpenAI();

const { data } = await openai.images.generate({ prompt: 'red apple', response_format: 'b64_json' });
await writeFile('apple-0.png', Buffer.from(data![0]!.b64_json!, 'base64'));

// What OpenAI does not have is sent all the same; the answer says how the picture was made.
const slow = await openai.images.generate({ prompt: 'red apple', quality: 'high', seed: 7 } as OpenAI.ImageGenerateParamsNonStreaming);
console.log(slow);
