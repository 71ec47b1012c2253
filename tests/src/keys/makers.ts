import { ask } from '../harness/index.js';

/** By collection of the API: makes one of its members and gives its id. */
export type Makers = Readonly<Record<string, () => Promise<string>>>;

/** Of a gateway that may call 127.0.0.1, where nobody listens to the webhook that is made. */
export function makersFor(url: string, key: string): Makers {
  const headers = { authorization: `Bearer ${key}` };
  const post = async (path: string, json: object): Promise<string> => (await ask(url + path, { json, headers })).body.id;
  const upload = async (): Promise<string> => {
    const form = new FormData();
    form.set('purpose', 'batch');
    form.set('file', new Blob([JSON.stringify({ custom_id: 'a', method: 'POST', url: '/v1/images/generations', body: { prompt: 'sun' } })]), 'in.jsonl');
    return ((await (await fetch(`${url}/v1/files`, { method: 'POST', body: form, headers })).json()) as { id: string }).id;
  };
  return {
    generations: () => post('/v1/generations', { prompt: 'sun' }),
    webhooks: () => post('/v1/webhooks', { url: 'http://127.0.0.1:9/nobody' }),
    studies: () => post('/v1/studies', { name: 'a', prompts: ['sun'], candidates: [{ name: 'b', acceleration: { strategy: 'shortcut' } }], margin: 0.1 }),
    files: upload,
    datasets: () => post('/v1/datasets', { prompts: ['sun'] }),
    batches: async () => post('/v1/batches', { input_file_id: await upload(), endpoint: '/v1/images/generations', completion_window: '24h' }),
  };
}
