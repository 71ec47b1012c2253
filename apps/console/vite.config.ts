import react from '@vitejs/plugin-react';
import { defineConfig } from 'vite';

/** The gateway serves the page at /console, with a policy that lets nothing inline run: no data: scripts, no polyfill. */
export default defineConfig({
  base: '/console/',
  plugins: [react()],
  build: { assetsInlineLimit: 0, modulePreload: false },
  server: { proxy: { '/v1': 'http://127.0.0.1:8080' } },
});
