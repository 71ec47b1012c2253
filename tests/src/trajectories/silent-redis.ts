import { connect, createServer, type AddressInfo, type Socket } from 'node:net';

/** A way to a Redis that can fall silent: connections stay, and nothing passes any more. */
export interface SilentRedis {
  readonly url: string;
  silence(): void;
  close(): Promise<void>;
}

export async function openSilentRedis(redisUrl: string): Promise<SilentRedis> {
  const { hostname, port } = new URL(redisUrl);
  const sockets = new Set<Socket>();
  let silent = false;
  const server = createServer((client) => {
    const redis = connect(Number(port), hostname);
    for (const [from, to] of [[client, redis], [redis, client]] as const) {
      sockets.add(from);
      from.on('data', (bytes) => void (silent || to.write(bytes)));
      from.on('error', () => {}).on('close', () => to.destroy());
    }
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return {
    url: `redis://127.0.0.1:${(server.address() as AddressInfo).port}`,
    silence: () => void (silent = true),
    async close() {
      for (const socket of sockets) socket.destroy();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}
