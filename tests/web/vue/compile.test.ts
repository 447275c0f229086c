// @vitest-environment happy-dom
import { afterEach, describe, expect, it, vi } from 'vitest';
import { compile, nonceEvaluate } from '@web/vue/compile';
import { evaluate } from '../support/mounted';

afterEach(() => void vi.restoreAllMocks());

describe('compile', () => {
    it('makes a render function that looks names up in the scope', () => {
        expect(compile('<p>{{ a?.b ?? `c` }}</p>', evaluate)).toHaveProperty('_rc', true);
    });

    it('names every mistake and where it is', () => {
        expect(() => compile('<p>\n<b v-if></b>\n<i v-for="x"></i></p>', evaluate)).toThrow(/line 2.*line 3/);
    });
});

describe('nonceEvaluate', () => {
    /** happy-dom runs no scripts: this stands for the browser, which runs them as they are appended. */
    function browserThatRuns(run: (script: HTMLScriptElement) => void): HTMLScriptElement[] {
        const scripts: HTMLScriptElement[] = [];
        vi.spyOn(document.head, 'append').mockImplementation((node) => {
            const script = node as HTMLScriptElement;
            scripts.push(script);
            run(script);
        });
        return scripts;
    }

    it('runs code in a script that carries the nonce, and hands it Vue', () => {
        const scripts = browserThatRuns((script) =>
            (new Function('document', script.textContent!) as (d: object) => void)({ currentScript: script }),
        );
        const result = nonceEvaluate('n0nce')('return typeof Vue.createApp');
        expect(result).toBe('function');
        expect(scripts[0]!.nonce).toBe('n0nce');
        expect(scripts[0]!.isConnected).toBe(false);
    });

    it('throws if the browser did not run it', () => {
        browserThatRuns(() => undefined);
        expect(() => nonceEvaluate('n0nce')('return (')).toThrow(SyntaxError);
    });
});
