import { fileURLToPath } from 'node:url';
import { defineConfig } from 'vitest/config';

const here = (path: string) => fileURLToPath(new URL(path, import.meta.url));

/** The page tests: a real server, a real Chromium, one file at a time. */
export default defineConfig({
    root: here('.'),
    resolve: {
        // The tests lie outside of this folder: what they import comes from here.
        alias: { 'playwright-core': here('node_modules/playwright-core/index.mjs') },
        dedupe: ['vite', 'vitest'],
    },
    test: {
        dir: here('../tests/e2e'),
        include: ['**/*.test.ts'],
        environment: 'node',
        fileParallelism: false,
        testTimeout: 60_000,
        hookTimeout: 60_000,
    },
    // By number: a system without /etc/hosts has no "localhost".
    server: { host: '127.0.0.1', fs: { allow: [here('..')] } },
});
