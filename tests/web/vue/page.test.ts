// @vitest-environment happy-dom
import { afterEach, describe, expect, it, vi } from 'vitest';
import { originOf, pagePath, socketUrl, startPage } from '@web/vue/page';

afterEach(() => void vi.unstubAllGlobals());

describe('where the server is', () => {
    it.each([
        ['http://robot.local/_tandem/tandem.js', 'ws://robot.local/_tandem/socket'],
        ['https://example.org/_tandem/tandem.js?v=1', 'wss://example.org/_tandem/socket'],
        ['https://example.org/behind/a/prefix/_tandem/tandem.js', 'wss://example.org/behind/a/prefix/_tandem/socket'],
        ['http://[::1]:8080/_tandem/tandem.js', 'ws://[::1]:8080/_tandem/socket'],
    ])('%s has its socket at %s', (src, socket) => {
        const script = document.createElement('script');
        script.src = src;
        script.nonce = 'n';
        const { base, nonce } = originOf(script);
        expect(socketUrl(base)).toBe(socket);
        expect(nonce).toBe('n');
    });

    it.each([
        ['http://h/', '/', '/'],
        ['http://h/', '/users/1', '/users/1'],
        ['http://h/pre/', '/pre/', '/'],
        ['http://h/pre/', '/pre/users', '/users'],
        ['http://h/pre/', '/elsewhere', '/elsewhere'],
    ])('below %s the path %s is %s to the server', (base, path, seen) => {
        expect(pagePath(new URL(base), path)).toBe(seen);
    });
});

describe('startPage', () => {
    const origin = { base: new URL('http://h/'), nonce: 'n' };

    it('leaves a document alone that has no template', () => {
        document.body.innerHTML = '<div id="tandem"></div>';
        expect(startPage(origin)).toBeNull();
        expect(document.body.innerHTML).toBe('<div id="tandem"></div>');
    });
});
