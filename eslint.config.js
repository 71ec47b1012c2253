import { createProjectGraphAsync } from '@nx/devkit';
import nx from '@nx/eslint-plugin';
import reactHooks from 'eslint-plugin-react-hooks';
import { defineConfig } from 'eslint/config';
import tseslint from 'typescript-eslint';

// The boundary rule reads the graph that this leaves in Nx's cache; without one it lets everything pass.
await createProjectGraphAsync({ exitOnError: true });

/** Each SDK and the one room that may import it; tests/ may, to compare with it. */
const owners = {
  'onnxruntime-node': 'libs/runtime',
  '@huggingface/tokenizers': 'libs/prompts',
  bullmq: 'libs/queue',
  ioredis: 'libs/queue',
  '@aws-sdk/*': 'libs/storage',
  'prom-client': 'libs/metrics',
  sharp: 'libs/pictures',
  'fast-png': 'libs/pictures',
  hyparquet: 'libs/datasets',
  'hyparquet-compressors': 'libs/datasets',
  'hyparquet-writer': 'libs/datasets',
  'tar-stream': 'libs/datasets',
  'csv-parse': 'libs/datasets',
  '@streamparser/json': 'libs/datasets',
  commander: 'apps/cli',
  'zod-openapi': 'apps/gateway',
  '@fastify/static': 'apps/gateway',
  react: 'apps/console',
  'react-dom': 'apps/console',
  vite: 'apps/console',
  '@fastify/busboy': 'apps/gateway',
};
const rooms = [...new Set(Object.values(owners)), 'libs/contracts', 'libs/sampler', 'libs/trajectories', 'libs/quality', 'libs/admission', 'libs/server-kit', 'libs/client', 'apps/gateway', 'apps/worker'];

const environment = { name: 'node:process', importNames: ['env'], message: 'Only loadConfig of server-kit reads the environment.' };

const ownedImports = rooms.map((room) => ({
  files: [`${room}/**/*.{ts,tsx}`],
  rules: {
    'no-restricted-imports': ['error', {
      paths: [environment],
      patterns: Object.entries(owners).filter(([, owner]) => owner !== room)
        .map(([sdk, owner]) => ({ group: [sdk, `${sdk}/*`], message: `Only ${owner} imports ${sdk}.` })),
    }],
  },
}));

export default defineConfig(
  { ignores: ['**/dist/', '**/node_modules/', '**/.venv/', '.nx/', '.slipstream/'] },
  tseslint.configs.recommended,
  {
    rules: {
      '@typescript-eslint/no-unused-vars': ['error', { argsIgnorePattern: '^_', varsIgnorePattern: '^_', caughtErrorsIgnorePattern: '^_' }],
      '@typescript-eslint/consistent-type-imports': 'error',
      'prefer-const': ['error', { ignoreReadBeforeAssign: true }],
      eqeqeq: 'error',
      'max-depth': ['error', 3],
      'max-lines': ['error', 300],
    },
  },
  {
    files: ['libs/**/*.ts', 'apps/**/*.{ts,tsx}', 'tests/**/*.ts'],
    plugins: { '@nx': nx },
    rules: {
      '@nx/enforce-module-boundaries': ['error', {
        enforceBuildableLibDependency: false,
        // The specs of a thread need the built room: a worker_thread does not run TypeScript.
        allowCircularSelfDependency: true,
        allow: [],
        depConstraints: [
          { sourceTag: 'type:app', onlyDependOnLibsWithTags: ['type:adapter', 'type:domain', 'type:contracts'] },
          { sourceTag: 'type:adapter', onlyDependOnLibsWithTags: ['type:domain', 'type:contracts'] },
          { sourceTag: 'type:domain', onlyDependOnLibsWithTags: ['type:contracts'] },
          { sourceTag: 'type:contracts', onlyDependOnLibsWithTags: [] },
          { sourceTag: 'runs:iso', onlyDependOnLibsWithTags: ['runs:iso'] },
          { sourceTag: 'runs:node', onlyDependOnLibsWithTags: ['runs:iso', 'runs:node'] },
          { sourceTag: 'runs:browser', onlyDependOnLibsWithTags: ['runs:iso', 'runs:browser'] },
        ],
      }],
    },
  },
  {
    // The page is a client like any other: what it knows of the service, libs/client and the types of its answers say.
    files: ['apps/console/**/*.{ts,tsx}'],
    plugins: { 'react-hooks': reactHooks },
    rules: {
      ...reactHooks.configs.recommended.rules,
      '@typescript-eslint/no-restricted-imports': ['error', { paths: [{ name: '@slipstream/contracts', allowTypeImports: true, message: 'The page imports types of contracts only.' }] }],
    },
  },
  { files: ['**/*.spec.ts'], rules: { '@typescript-eslint/no-explicit-any': 'off' } },
  ...ownedImports,
  {
    files: ['libs/**/*.ts', 'apps/**/*.ts'],
    ignores: ['**/*.spec.ts', 'libs/server-kit/src/config.ts', 'libs/runtime/src/no-telemetry.ts'],
    rules: {
      'no-restricted-properties': ['error', { object: 'process', property: 'env', message: 'Only loadConfig of server-kit reads the environment.' }],
    },
  },
  {
    // Domain and contracts are pure: no clock, no global randomness.
    files: ['libs/sampler/src/**/*.ts', 'libs/trajectories/src/**/*.ts', 'libs/quality/src/**/*.ts', 'libs/admission/src/**/*.ts', 'libs/prompts/src/**/*.ts'],
    ignores: ['**/*.spec.ts', 'libs/trajectories/src/testing/**'],
    rules: {
      'no-restricted-globals': ['error', 'setTimeout', 'setInterval', 'performance', 'process', 'crypto'],
      'no-restricted-syntax': ['error',
        { selector: 'CallExpression[callee.object.name="Math"][callee.property.name="random"]', message: 'Randomness comes from the seed.' },
        { selector: 'CallExpression[callee.object.name="Date"][callee.property.name="now"]', message: 'The domain knows no clock.' },
      ],
    },
  },
);
