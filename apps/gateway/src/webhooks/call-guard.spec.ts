import { describe, expect, it } from 'vitest';
import { CallGuard, isPublic } from './call-guard.js';

const resolvingTo = (...addresses: string[]) => new CallGuard([], async () => addresses);

describe('an address that is not public', () => {
  it.each([
    '127.0.0.1', '127.255.255.254', '10.1.2.3', '172.16.0.1', '172.31.255.255', '192.168.1.1', '169.254.169.254', '100.64.0.1', '0.0.0.0', '192.0.0.8', '192.0.2.1', '198.18.0.1', '224.0.0.1', '240.0.0.1', '255.255.255.255',
    '::', '::1', 'fe80::1', 'fc00::1', 'fd12:3456::1', 'fec0::1', 'ff02::1', '::ffff:127.0.0.1', '::ffff:169.254.169.254', '::7f00:1', '64:ff9b::7f00:1', '2002:7f00:1::', '2001:0:7f00:1::1', '2001:db8::1',
    'fe80::1%eth0', 'nonsense', '',
  ])('is %s', (address) => {
    expect(isPublic(address)).toBe(false);
  });

  it.each(['8.8.8.8', '93.184.216.34', '172.32.0.1', '100.128.0.1', '2606:2800:220:1:248:1893:25c8:1946', '::ffff:8.8.8.8'])('is not %s', (address) => {
    expect(isPublic(address)).toBe(true);
  });
});

describe('the guard', () => {
  it.each(['https://127.0.0.1/', 'https://0x7f.1/', 'https://2130706433/', 'https://[::1]/', 'https://[::ffff:7f00:1]:8443/', 'https://169.254.169.254/latest/meta-data'])('refuses %s, however it is written, and asks no resolver', async (url) => {
    const guard = new CallGuard([], async () => Promise.reject(new Error('asked')));
    await expect(guard.admit(url)).rejects.toMatchObject({ code: 'invalid_request', param: 'url', message: expect.stringMatching(/no public address.*WEBHOOK_PRIVATE_HOSTS/) });
  });

  it.each([['10.0.0.7'], ['93.184.216.34', '127.0.0.1'], ['::1', '93.184.216.34'], ['fd00::1']])('refuses a name that resolves to %s %s', async (...addresses) => {
    await expect(resolvingTo(...addresses).admit('https://hooks.example/')).rejects.toMatchObject({ code: 'invalid_request', param: 'url' });
  });

  it('refuses a name that resolves to nothing, with the reason', async () => {
    await expect(resolvingTo().admit('https://hooks.example/')).rejects.toMatchObject({ code: 'invalid_request', param: 'url' });
    const failing = new CallGuard([], async () => Promise.reject(Object.assign(new Error('no'), { code: 'ENOTFOUND' })));
    await expect(failing.admit('https://hooks.example/')).rejects.toMatchObject({ message: expect.stringMatching(/no address \(ENOTFOUND\)/) });
  });

  it('gives the addresses that it looked at', async () => {
    const target = await resolvingTo('93.184.216.34', '2606:2800:220:1::1').admit('https://hooks.example:8443/in?x=1');
    expect(target).toEqual({ url: new URL('https://hooks.example:8443/in?x=1'), addresses: ['93.184.216.34', '2606:2800:220:1::1'] });
  });

  it('refuses plain http', async () => {
    await expect(resolvingTo('93.184.216.34').admit('http://hooks.example/')).rejects.toMatchObject({ message: expect.stringMatching(/https/) });
  });

  it('lets a host through that the operator named, wherever it is and without TLS, and no other', async () => {
    const guard = new CallGuard(['Hooks.internal', '10.0.0.7', '[fd00::7]'], async () => ['10.0.0.9']);
    expect((await guard.admit('http://HOOKS.internal./')).addresses).toEqual(['10.0.0.9']);
    expect((await guard.admit('http://10.0.0.7:8080/')).addresses).toEqual(['10.0.0.7']);
    expect((await guard.admit('http://[fd00::7]/')).addresses).toEqual(['fd00::7']);
    await expect(guard.admit('https://evil.hooks.internal/')).rejects.toMatchObject({ param: 'url' });
    await expect(guard.admit('https://10.0.0.9/')).rejects.toMatchObject({ param: 'url' });
  });
});
