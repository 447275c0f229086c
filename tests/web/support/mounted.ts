import * as Vue from 'vue';
import type { Client } from '@web/core';
import type { Evaluate } from '@web/vue/compile';
import { mount } from '@web/vue/mount';
import { newClient, settle, welcome } from './connected';
import type { FakeEnvironment } from './fake_environment';

/** Runs compiled templates the way that a browser without a CSP would. */
export const evaluate: Evaluate = (body) => (new Function('Vue', body) as (vue: typeof Vue) => unknown)(Vue);

export interface Mounted {
    client: Client;
    env: FakeEnvironment;
    root: HTMLElement;
    /** The first element that matches. */
    find<E extends HTMLElement = HTMLElement>(selector: string): E;
    /** The server answers the oldest event that was not answered. */
    answer(ops?: unknown[], outcome?: unknown): Promise<void>;
    /** A frame is drawn and everything settles. */
    draw(): Promise<void>;
}

/** A page that is connected and shows `template`. */
export async function mounted(template: string, changes: Record<string, unknown> = {}): Promise<Mounted> {
    const { client, env } = newClient();
    const root = document.createElement('div');
    document.body.replaceChildren(root);
    mount({ client, root, template, evaluate });
    welcome(env, changes);
    let seq = 1;
    const page: Mounted = {
        client,
        env,
        root,
        find: (selector) => {
            const found = root.querySelector(selector);
            if (found === null) throw new Error(`nothing matches ${selector} in ${root.innerHTML}`);
            return found as never;
        },
        answer: async (ops = [], outcome = 'ok') => {
            const [, n] = env.socket.next() as [string, number];
            env.socket.push(['ack', n, outcome, ++seq, ops]);
            await page.draw();
        },
        draw: async () => {
            env.frame();
            await settle();
        },
    };
    await page.draw();
    return page;
}
