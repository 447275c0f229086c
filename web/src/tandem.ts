/** tandem.js: what a page loads. Shows the document's template and leaves `window.tandem` for the app's own scripts. */
import { connect, type Client } from './core';
import { originOf, startPage } from './vue/page';

declare global {
    interface Window {
        tandem: {
            /** The page's client; null if the document has no page template. */
            client: Client | null;
            connect: typeof connect;
        };
    }
}

const script = document.currentScript as HTMLScriptElement;
window.tandem = { client: null, connect };
window.tandem.client = startPage(originOf(script));
