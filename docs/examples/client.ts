// Slipstream's own client: submit, watch, download.
import { writeFile } from 'node:fs/promises';
import { SlipstreamClient } from '@slipstream/client';

const client = new SlipstreamClient({ baseUrl: process.env['SLIPSTREAM_URL'] ?? 'http://127.0.0.1:8080', apiKey: process.env['SLIPSTREAM_API_KEY'] });

const { id } = await client.submit({ prompt: 'red apple', seed: 7, acceleration: { steps: 8 } });
const done = await client.wait(id, { onProgress: ({ status, step, steps }) => console.log(`${status}, step ${step} of ${steps}`) });
for (const [index, picture] of done.data!.entries()) await writeFile(`apple-${index}.png`, await client.download(picture));
console.log(done.slipstream);
