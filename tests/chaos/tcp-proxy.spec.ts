import { connect, createServer, type Server, type Socket } from 'node:net';
import type { AddressInfo } from 'node:net';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { TcpProxy } from './tcp-proxy.js';

let echo: Server;
let proxy: TcpProxy;
beforeEach(async () => {
  echo = createServer((socket) => socket.on('error', () => {}).pipe(socket));
  await new Promise<void>((resolve) => echo.listen(0, '127.0.0.1', resolve));
  proxy = await TcpProxy.before((echo.address() as AddressInfo).port);
});
afterEach(async () => {
  await proxy.close();
  await new Promise((resolve) => echo.close(resolve));
});

const open = async (): Promise<Socket> => {
  const socket = connect(proxy.port, '127.0.0.1').on('error', () => {});
  await new Promise((resolve) => socket.once('connect', resolve));
  return socket;
};
const answer = (socket: Socket, text: string): Promise<string> => new Promise((resolve) => {
  socket.once('data', (data) => resolve(data.toString())).once('close', () => resolve('closed'));
  socket.write(text);
});

describe('the proxy before Redis', () => {
  it('passes everything on while it is open, and late while it is slow', async () => {
    const socket = await open();
    expect(await answer(socket, 'a')).toBe('a');
    proxy.set('slow');
    expect(await answer(socket, 'b')).toBe('b');
    socket.destroy();
  });

  it('lets nothing overtake what is late once it is open again', async () => {
    const socket = await open();
    const echoed = new Promise((resolve) => {
      let text = '';
      socket.on('data', (data) => (text += data.toString()).length === 2 && resolve(text)).once('close', () => resolve('closed'));
    });
    // Asked for when the first piece is there and is to be late.
    Object.defineProperty(proxy, 'delayMs', { get: () => (proxy.set('open'), socket.write('b'), 100) });
    proxy.set('slow');
    socket.write('a');
    expect(await echoed).toBe('ab');
  });

  it('drops what is connected when it is cut, and lets nobody in', async () => {
    const socket = await open();
    const closed = new Promise((resolve) => socket.once('close', () => resolve('closed')));
    proxy.set('cut');
    expect(await closed).toBe('closed');
    expect(await answer(await open(), 'a')).toBe('closed');
  });

  it('says nothing while it is silent, and drops such a connection afterwards', async () => {
    const socket = await open();
    proxy.set('silent');
    const heard = answer(socket, 'lost');
    proxy.set('open');
    expect(await heard).toBe('closed');
    expect(await answer(await open(), 'a')).toBe('a');
  });
});
