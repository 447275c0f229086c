import { gzipSync } from 'node:zlib';
import { fileURLToPath } from 'node:url';
import { build, type Rollup } from 'vite';
import { beforeAll, describe, expect, it } from 'vitest';

/** What `npm run build` makes, built in memory. */

const configFile = fileURLToPath(new URL('../../web/vite.config.ts', import.meta.url));
const files = new Map<string, string>();

beforeAll(async () => {
    for (const mode of ['production', 'core']) {
        const made = (await build({
            configFile,
            mode,
            logLevel: 'error',
            build: { write: false },
        })) as Rollup.RollupOutput;
        for (const file of made.output)
            files.set(file.fileName, file.type === 'chunk' ? file.code : String(file.source));
    }
}, 60_000);

/** The first thing in a file that matches; null if nothing does. */
const found = (name: string, pattern: RegExp) => pattern.exec(files.get(name) ?? '')?.[0] ?? null;
const gzipped = (name: string) => gzipSync(files.get(name) ?? '', { level: 9 }).length;

it('is tandem.js, core.js and pico.css', () => {
    expect([...files.keys()].sort()).toEqual(['core.js', 'pico.css', 'tandem.js']);
});

describe.each(['tandem.js', 'core.js'])('%s', (name) => {
    it('runs under a CSP without unsafe-eval', () => expect(found(name, /\bFunction\s*\(|\beval\s*\(/)).toBeNull());
    it('is built for production', () => expect(found(name, /process\.env|__VUE_(OPTIONS|PROD)\w+/)).toBeNull());
    it('asks no other host for anything', () =>
        expect(found(name, /(?:src|href|import|fetch)\s*[=(]\s*["'`]https?:/)).toBeNull());
});

it('tandem.js is one classic script', () => {
    expect(found('tandem.js', /^(\/\*[^]*?\*\/\s*)*\(function\(\)\{/)).not.toBeNull();
    expect(found('tandem.js', /^\s*(import|export)\b/m)).toBeNull();
});

it('tandem.js names the licence of Vue', () => expect(found('tandem.js', /Vue contributors \(MIT\)/)).not.toBeNull());

it('tandem.js says in words what is wrong with a template', () => {
    expect(found('tandem.js', /v-if\/v-else-if is missing expression/)).not.toBeNull();
});

it('core.js knows no Vue', () => expect(found('core.js', /vue/i)).toBeNull());

it('tandem.js is at most 80 kB gzipped, core.js 8 kB', () => {
    expect(gzipped('tandem.js')).toBeLessThanOrEqual(80_000);
    expect(gzipped('core.js')).toBeLessThanOrEqual(8_000);
});
