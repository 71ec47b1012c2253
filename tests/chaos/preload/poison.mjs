// Loaded into a worker by --import: the process dies, as of a broken native library, when it makes the picture of a
// certain seed. Nothing in the service knows of it.
import { Worker } from 'node:worker_threads';

const seed = Number(process.env.CHAOS_POISON_SEED);
const { postMessage } = Worker.prototype;
Worker.prototype.postMessage = function (messages, ...rest) {
  const poisoned = Array.isArray(messages) && messages.some(({ type, request }) => type === 'submit' && request.seed === seed);
  if (poisoned) setTimeout(() => process.kill(process.pid, 'SIGKILL'), 50);
  return postMessage.call(this, messages, ...rest);
};
