import { describe, expect, it } from 'vitest';
import { openStore } from './open-store.js';

describe('openStore', () => {
  it.each([
    ['file:///var/pictures', 'file:///var/pictures'],
    ['s3://bucket', 's3://bucket'],
    ['s3://my.bucket-1/deep/prefix/', 's3://my.bucket-1/deep/prefix'],
  ])('opens %s', (url, address) => {
    expect(openStore(url).address).toBe(address);
  });

  it('takes a relative folder from where the process runs', () => {
    expect(openStore('file:some/pictures').address).toBe(`file://${process.cwd()}/some/pictures`);
  });

  it.each(['', 'pictures', 'http://bucket/x', 's3://', 's3://UPPER', 'file:'])('refuses %j, naming STORAGE_URL and the forms it takes', (url) => {
    expect(() => openStore(url)).toThrow(expect.objectContaining({ code: 'configuration_invalid', param: 'STORAGE_URL', message: expect.stringContaining('s3://bucket/prefix') }));
  });
});
