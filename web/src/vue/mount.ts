import { createApp, defineComponent, shallowReactive, type App } from 'vue';
import { TandemError, type Client } from '../core';
import { compile, installCompiler, type Evaluate } from './compile';
import { createFacade } from './facade';
import { form } from './form';

export interface MountOptions {
    client: Client;
    /** Where the page goes. */
    root: HTMLElement;
    /** A Vue template. */
    template: string;
    /** How the compiled template is run (compile.ts). */
    evaluate: Evaluate;
}

/** Names in every template's scope. A state of such a name cannot be reached. */
export interface Scope {
    /** The connection; `retry_in_ms` counts from the last change of `status`. */
    net: { status: Client['status']; retry_in_ms: number | null };
    /** The page itself. */
    page: { readonly path: string };
    form: typeof form;
    [state: string]: unknown;
}

/**
 * Shows the page as soon as the server has said welcome, and "Connecting…" until then.
 * @returns what takes the page away again.
 * @throws SyntaxError if the template has mistakes; the root says so too.
 */
export function mount(options: MountOptions): () => void {
    const { client, root, template, evaluate } = options;
    installCompiler(evaluate);
    let render;
    try {
        render = compile(template, evaluate);
    } catch (error) {
        notice(root, 'This page cannot be shown: its template has a mistake. The console says more.', false);
        throw error;
    }
    const component = defineComponent({ name: 'TandemPage', setup: () => createScope(client), render });
    let app: App | null = null;
    notice(root, 'Connecting…', true);
    const endStatus = client.onStatus((status) => {
        if (status === 'stopped' && app === null)
            notice(root, 'The server does not want to talk to this page. Reload it to try again.', false);
    });
    const endWelcome = client.onWelcome(() => {
        if (app !== null) return;
        app = createApp(component);
        app.config.errorHandler = report;
        app.mount(root);
    });
    return () => {
        endStatus();
        endWelcome();
        app?.unmount();
    };
}

/** Everything that a template can name. */
function createScope(client: Client): Scope {
    const net = shallowReactive({ status: client.status, retry_in_ms: client.retry_in_ms });
    client.onStatus((status, retry_in_ms) => Object.assign(net, { status, retry_in_ms }));
    const scope: Scope = { net, page: Object.freeze({ path: client.page }), form };
    for (const name of Object.keys(client.states)) {
        if (name in scope) console.warn(`tandem: the state ${name} cannot be reached in the page: the name is taken`);
        else scope[name] = createFacade(client, name);
    }
    return scope;
}

/** A failed call is the page's business (`.error`); all else is a mistake in the page and goes to the console. */
function report(error: unknown, _instance: unknown, where: string): void {
    if (!(error instanceof TandemError)) console.error(`tandem: the page threw (${where})`, error);
}

function notice(root: HTMLElement, text: string, busy: boolean): void {
    const line = document.createElement('p');
    line.setAttribute('role', 'status');
    line.setAttribute('aria-busy', String(busy));
    line.textContent = text;
    root.replaceChildren(line);
}
