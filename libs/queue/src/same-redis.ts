/** Whether two URLs name the same Redis instance: host and port, whatever the database, user or protocol. */
export function sameRedis(one: string, other: string): boolean {
  return address(one) === address(other);
}

function address(url: string): string {
  const { hostname, port } = new URL(url);
  const host = ['localhost', '[::1]', '0.0.0.0', ''].includes(hostname) ? '127.0.0.1' : hostname.toLowerCase();
  return `${host}:${port || '6379'}`;
}
