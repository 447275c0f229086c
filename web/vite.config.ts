import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { defineConfig } from 'vitest/config';

const here = (path: string) => fileURLToPath(new URL(path, import.meta.url));

/** The licence of what is bundled asks for this. */
const notice = '/*! Tandem (BSL-1.0). Contains Vue 3.5 (c) 2018-present Yuxi (Evan) You and Vue contributors (MIT). */';

/** Two bundles: `vite build` makes tandem.js and pico.css, `vite build --mode core` makes core.js. */
export default defineConfig(({ mode }) => ({
    root: here('.'),
    publicDir: false,
    resolve: {
        alias: { '@web': here('src') },
        // The tests lie outside of this folder: what they import comes from here.
        dedupe: ['vue', 'vite', 'vitest', '@vue/compiler-dom'],
    },
    define:
        mode === 'test'
            ? {}
            : {
                  'process.env.NODE_ENV': '"production"',
                  __VUE_OPTIONS_API__: 'false',
                  __VUE_PROD_DEVTOOLS__: 'false',
                  __VUE_PROD_HYDRATION_MISMATCH_DETAILS__: 'false',
              },
    esbuild: { legalComments: 'inline' },
    plugins: mode === 'production' ? [pico()] : [],
    build: {
        outDir: here('dist'),
        emptyOutDir: mode === 'production',
        target: 'es2022',
        minify: 'esbuild',
        modulePreload: false,
        rollupOptions: {
            input: here(mode === 'core' ? 'src/core/index.ts' : 'src/tandem.ts'),
            preserveEntrySignatures: 'strict',
            output:
                mode === 'core'
                    ? { format: 'es', entryFileNames: 'core.js' }
                    : { format: 'iife', entryFileNames: 'tandem.js', banner: notice },
        },
    },
    test: {
        dir: here('../tests/web'),
        include: ['**/*.test.ts'],
        environment: 'node',
    },
    // By address: a bare system has no /etc/hosts that would know localhost.
    server: { host: '127.0.0.1', fs: { allow: [here('..')] } },
}));

/** The style sheet that pages of apps may use, as it comes. */
function pico() {
    return {
        name: 'pico',
        generateBundle(this: { emitFile(file: { type: 'asset'; fileName: string; source: Buffer }): string }) {
            const source = readFileSync(here('node_modules/@picocss/pico/css/pico.classless.min.css'));
            this.emitFile({ type: 'asset', fileName: 'pico.css', source });
        },
    };
}
