// A batch with OpenAI's client for Node. It reads OPENAI_BASE_URL (http://127.0.0.1:8080/v1) and OPENAI_API_KEY.
import { setTimeout as pause } from 'node:timers/promises';
import { writeFile } from 'node:fs/promises';
import OpenAI, { toFile } from 'openai';

const openai = new OpenAI();

// A line each; custom_id is yours, and comes back with what was made.
const lines = ['red apple', 'slice of pizza', 'sun'].map((prompt) => JSON.stringify({ custom_id: prompt, method: 'POST', url: '/v1/images/generations', body: { prompt, seed: 7, response_format: 'b64_json' } }));
const input = await openai.files.create({ file: await toFile(Buffer.from(lines.join('\n')), 'requests.jsonl'), purpose: 'batch' });
let batch = await openai.batches.create({ input_file_id: input.id, endpoint: '/v1/images/generations', completion_window: '24h' });
while (!['completed', 'failed', 'expired', 'cancelled'].includes(batch.status)) {
  await pause(1_000); // or be told by a webhook of batch.completed
  batch = await openai.batches.retrieve(batch.id);
}
console.log(batch.status, batch.request_counts);

const output = await (await openai.files.content(batch.output_file_id!)).text();
for (const line of output.trimEnd().split('\n')) {
  const { custom_id, response } = JSON.parse(line);
  await writeFile(`${custom_id.replaceAll(' ', '-')}.png`, Buffer.from(response.body.data[0].b64_json, 'base64'));
}
for (const id of [input.id, batch.output_file_id!]) await openai.files.delete(id);
