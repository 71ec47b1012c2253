import { randomBytes } from 'node:crypto';
import { ask, type Answer, type Question } from './ask.js';
import { freePort } from './free-port.js';
import { startGateway, type Environment, type RunningServer } from './start-server.js';

/** A gateway that asks for keys, and its admin door. */
export interface LockedGateway extends RunningServer {
  readonly env: Environment;
  readonly adminUrl: string;
  readonly adminSecret: string;
  /** Asks the admin door with its credential, whose name is `ada`. */
  admin(path: string, question?: Question): Promise<Answer>;
  /** Makes a key, and its tenant where it names one. The text of the key, and its id. */
  key(given?: { tenant?: string; [field: string]: unknown }): Promise<{ key: string; id: string }>;
}

/** Starts one and waits until it is ready. */
export async function startLockedGateway(env: Environment): Promise<LockedGateway> {
  const secret = randomBytes(16).toString('hex');
  const adminPort = Number(env['ADMIN_PORT'] ?? (await freePort()));
  const all = { ADMIN_KEYS: `ada:${secret}`, ...env, ADMIN_PORT: String(adminPort) };
  const gateway = await startGateway(all);
  await gateway.ready(100_000);
  const adminUrl = `http://127.0.0.1:${adminPort}`;
  const admin: LockedGateway['admin'] = (path, { headers, ...question } = {}) => ask(adminUrl + path, { ...question, headers: { authorization: `Bearer ${secret}`, ...headers } });
  return { ...gateway, env: all, adminUrl, adminSecret: secret, admin, key: (given) => makeKey(admin, given) };
}

async function makeKey(admin: LockedGateway['admin'], given: { tenant?: string; [field: string]: unknown } = {}): Promise<{ key: string; id: string }> {
  if (given.tenant !== undefined && given.tenant !== 'default') await admin(`/admin/tenants/${given.tenant}`, { method: 'PUT', json: {} });
  const { status, body } = await admin('/admin/keys', { json: { name: 'a test', ...given } });
  if (status !== 201) throw new Error(`no key was made: ${JSON.stringify(body)}`);
  return { key: body.key, id: body.id };
}
