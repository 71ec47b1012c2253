import { connect, createServer, type AddressInfo, type Server, type Socket } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';

/**
 * What happens between two ends: `open` passes everything on; `slow` passes each piece on late; `silent` takes everything
 * and passes nothing on, as a connection whose other half is gone; `cut` drops every connection and refuses new ones.
 */
export type Passage = 'open' | 'slow' | 'silent' | 'cut';

/** One direction of one connection. */
interface Flow {
  readonly to: Socket;
  /** Pieces that are on their way. */
  late: number;
  /** Resolves once the last of them has come through. */
  last: Promise<void>;
}

/** A stretch of network before a server, that can be spoilt while it is in use. */
export class TcpProxy {
  passage: Passage = 'open';
  /** Of `slow`, for each piece. */
  delayMs = 100;
  readonly #pairs = new Set<readonly [Socket, Socket]>();
  readonly #stranded = new WeakSet<Socket>();
  readonly #server: Server;

  private constructor(private readonly target: number) {
    this.#server = createServer((client) => this.#accept(client));
  }

  static async before(target: number): Promise<TcpProxy> {
    const proxy = new TcpProxy(target);
    await new Promise<void>((resolve) => proxy.#server.listen(0, '127.0.0.1', resolve));
    return proxy;
  }

  get port(): number {
    return (this.#server.address() as AddressInfo).port;
  }

  /** From now on; `cut` drops what is connected, and so does the way back from `silent`, whose ends have lost count. */
  set(passage: Passage): void {
    if (passage === 'cut' || this.passage === 'silent') this.#drop();
    this.passage = passage;
  }

  /** Connections of now are silent for good and are not dropped; new ones are as ever. */
  strand(): void {
    for (const [client, server] of this.#pairs) this.#stranded.add(client).add(server);
  }

  async close(): Promise<void> {
    this.#drop();
    await new Promise((resolve) => this.#server.close(resolve));
  }

  #accept(client: Socket): void {
    if (this.passage === 'cut') return void client.destroy();
    const server = connect(this.target, '127.0.0.1');
    const pair = [client, server] as const;
    this.#pairs.add(pair);
    for (const [from, to] of [[client, server], [server, client]] as const) {
      const flow: Flow = { to, late: 0, last: Promise.resolve() };
      from.setNoDelay(true);
      from.on('data', (bytes) => this.#pass(bytes, flow));
      from.on('error', () => {});
      from.on('close', () => {
        to.destroy();
        this.#pairs.delete(pair);
      });
    }
  }

  /** What comes after something late waits behind it, as on any stream: else a client would take one answer for another. */
  #pass(bytes: Buffer, flow: Flow): void {
    if (this.#swallows(flow)) return;
    if (this.passage !== 'slow' && flow.late === 0) return void flow.to.write(bytes);
    const dueMs = performance.now() + (this.passage === 'slow' ? this.delayMs : 0);
    flow.late += 1;
    flow.last = flow.last.then(async () => {
      await sleep(Math.max(0, dueMs - performance.now()));
      flow.late -= 1;
      if (!this.#swallows(flow)) flow.to.write(bytes);
    });
  }

  #swallows({ to }: Flow): boolean {
    return this.passage === 'silent' || this.#stranded.has(to) || to.destroyed;
  }

  #drop(): void {
    for (const [client, server] of this.#pairs) {
      client.destroy();
      server.destroy();
    }
    this.#pairs.clear();
  }
}
