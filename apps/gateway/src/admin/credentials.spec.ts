import { expect, it } from 'vitest';
import { sha256 } from '../keys/secret.js';
import { credentialsKey } from './credentials.js';

const secret = 'x'.repeat(32);

it('several people have a name and a secret each, of which only a digest is kept', () => {
  expect(credentialsKey.parse(`ada:${secret}, bob:${secret}:y`)).toEqual([{ name: 'ada', sha256: sha256(secret) }, { name: 'bob', sha256: sha256(`${secret}:y`) }]);
});

it.each(['', secret, 'ada:short', `:${secret}`, `ada:${secret},`, `a b:${secret}`, `ada:${'x'.repeat(20)} ${'x'.repeat(20)}`])('%j is refused, and not shown', (text) => {
  const { error } = credentialsKey.safeParse(text);
  expect(error?.issues.map(({ message }) => message)).toEqual([expect.stringMatching(/^must be name:secret/)]);
});
