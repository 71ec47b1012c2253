import { expect, it } from 'vitest';
import { listeningHost } from './listening-host.js';

const credential = { name: 'ops', sha256: Buffer.alloc(32) };

it.each(['0.0.0.0', '::', '192.0.2.7', 'pictures.example.org', '127.evil.example.org'])('without ADMIN_KEYS, %s becomes loopback', (HOST) => {
  expect(listeningHost({ HOST, ADMIN_KEYS: undefined })).toBe('127.0.0.1');
});

it.each(['127.0.0.1', '127.0.0.2', '::1', 'localhost'])('without ADMIN_KEYS, %s stays', (HOST) => {
  expect(listeningHost({ HOST, ADMIN_KEYS: undefined })).toBe(HOST);
});

it('with ADMIN_KEYS the address is whatever was asked for', () => {
  expect(listeningHost({ HOST: '0.0.0.0', ADMIN_KEYS: [credential] })).toBe('0.0.0.0');
});
