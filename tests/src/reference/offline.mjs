// Loaded into a server by --import: every name but this machine's has a public address, and nobody can be reached there.
import dns from 'node:dns/promises';
import { syncBuiltinESMExports } from 'node:module';
import { Socket } from 'node:net';

const isHere = (host) => /^(localhost\.?|127(\.\d+){3}|::1)$/.test(host);

const { lookup } = dns;
dns.lookup = async (host, options) => (isHere(host) ? lookup(host, options) : [{ address: '8.8.4.4', family: 4 }]);
syncBuiltinESMExports();

const { connect } = Socket.prototype;
Socket.prototype.connect = function (...given) {
  const { host = 'localhost', path } = [given[0]].flat()[0]; // a list where `net.connect` was asked
  if (path || isHere(host)) return connect.apply(this, given);
  process.nextTick(() => this.destroy(Object.assign(new Error(`${host} is not here`), { code: 'EOFFLINE' })));
  return this;
};
