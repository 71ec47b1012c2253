import { spawnSync } from 'node:child_process';
import { describe, expect, it } from 'vitest';
import { snippetOf } from './snippets';

const request = { prompt: `it's "red"\\`, seed: 7, acceleration: { strategy: 'anchored', steps: 32 } };
const baseUrl = 'http://127.0.0.1:8080';

describe('a request as curl', () => {
  it('survives the shell, whatever the prompt', () => {
    const text = snippetOf('curl', { request, baseUrl, withKey: false }).replace(/^curl/, 'printf "%s\\n"');
    const { stdout } = spawnSync('sh', ['-c', text], { encoding: 'utf8' });
    expect(JSON.parse(stdout.trimEnd().split('\n').at(-1)!)).toEqual(request);
  });

  it('names the key and does not hold it', () => {
    expect(snippetOf('curl', { request, baseUrl, withKey: true })).toContain('Bearer $SLIPSTREAM_KEY');
  });
});

it.each(['TypeScript', 'Python'] as const)('a request in %s has prompt and seed as texts of that language', (language) => {
  const text = snippetOf(language, { request, baseUrl, withKey: false });
  expect(text).toContain(JSON.stringify(request.prompt));
  expect(text).toContain('seed');
  expect(text).toContain(`${baseUrl}/v1`);
});
