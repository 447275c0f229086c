import { claimTab, connect, type Client } from '../core';
import { nonceEvaluate } from './compile';
import { mount } from './mount';

/** Where this script came from tells where the server is, also behind a path prefix. */
export interface Origin {
    /** Ends with `/`; the server's own paths are below it. */
    base: URL;
    nonce: string;
}

/** @param script The element that loaded tandem.js, from `<base>_tandem/tandem.js`. */
export function originOf(script: HTMLScriptElement): Origin {
    return { base: new URL('../', script.src), nonce: script.nonce ?? '' };
}

/** The address of the server's socket. */
export function socketUrl(base: URL): string {
    const url = new URL('_tandem/socket', base);
    url.protocol = url.protocol === 'https:' ? 'wss:' : 'ws:';
    return url.href;
}

/** The path that the server knows the page by: without the prefix that a proxy put in front. */
export function pagePath(base: URL, pathname: string): string {
    return pathname.startsWith(base.pathname) ? pathname.slice(base.pathname.length - 1) : pathname;
}

/**
 * Connects the document and shows its template. Returns null if the document has none: then it is no page of Tandem.
 * @throws SyntaxError if the template has mistakes (mount.ts).
 */
export function startPage(origin: Origin): Client | null {
    const root = document.getElementById('tandem');
    const template = document.getElementById('tandem-page');
    if (root === null || template === null) return null;
    const tab = claimTab();
    const client = connect({
        url: socketUrl(origin.base),
        tab: tab.id,
        build: document.querySelector<HTMLMetaElement>('meta[name="tandem-build"]')?.content ?? '',
        page: pagePath(origin.base, location.pathname),
    });
    client.onStatus((status) => {
        if (status === 'stopped' && client.stopped_by === 'replaced') tab.forget();
    });
    try {
        mount({ client, root, template: template.textContent ?? '', evaluate: nonceEvaluate(origin.nonce) });
    } catch (error) {
        client.close();
        throw error;
    }
    return client;
}
