import { defineConfig } from 'vitest/config';

const rooms = [
  ...['contracts', 'sampler', 'trajectories', 'quality', 'admission', 'prompts', 'runtime', 'queue', 'storage', 'metrics', 'server-kit', 'pictures', 'datasets', 'client'].map((name) => `libs/${name}`),
  ...['gateway', 'worker', 'cli', 'console'].map((name) => `apps/${name}`),
];

/** One project a room; `npx vitest run libs/queue` runs one. Imports of other rooms resolve to their dist: build first. */
export default defineConfig({
  test: {
    testTimeout: 30_000,
    hookTimeout: 60_000,
    projects: [
      ...rooms.map((root) => ({ extends: true as const, root, test: { name: root, include: ['src/**/*.spec.ts'] } })),
      { extends: true as const, root: 'scripts', test: { name: 'scripts', include: ['*.spec.mjs'] } },
      { extends: true as const, root: 'tests', test: { name: 'tests', include: ['**/*.spec.ts'], exclude: ['**/dist/**', '**/node_modules/**'] } },
    ],
  },
});
