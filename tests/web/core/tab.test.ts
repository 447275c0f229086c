import { expect, it } from 'vitest';
import { claimTab, newTab } from '@web/core/tab';

type Storage = Map<string, string>;

/** A loaded page, with as much of a window as the tab's id needs. */
class FakePage extends EventTarget {
    readonly document = Object.assign(new EventTarget(), { hidden: false });
    readonly performance: { getEntriesByType(): { type: string }[] };
    readonly sessionStorage: Pick<globalThis.Storage, 'getItem' | 'setItem' | 'removeItem'>;

    constructor(type: string, storage: Storage) {
        super();
        this.performance = { getEntriesByType: () => [{ type }] };
        this.sessionStorage = {
            getItem: (key) => storage.get(key) ?? null,
            setItem: (key, value) => void storage.set(key, value),
            removeItem: (key) => void storage.delete(key),
        };
    }

    claim() {
        return claimTab(this as unknown as Window);
    }

    setHidden(hidden: boolean): void {
        this.document.hidden = hidden;
        this.document.dispatchEvent(new Event('visibilitychange'));
    }
}

const known = 'a'.repeat(32);

it('a new id has 32 lower-case hex digits and is another each time', () => {
    expect(newTab()).toMatch(/^[0-9a-f]{32}$/);
    expect(newTab()).not.toBe(newTab());
});

it.each(['reload', 'back_forward'])('a page that comes back by %s keeps its id', (type) => {
    const storage: Storage = new Map();
    const page = new FakePage('navigate', storage);
    const { id } = page.claim();
    page.dispatchEvent(new Event('pagehide'));
    expect(new FakePage(type, storage).claim().id).toBe(id);
});

it('a page that was discarded while hidden keeps its id', () => {
    const storage: Storage = new Map();
    const page = new FakePage('navigate', storage);
    const { id } = page.claim();
    page.setHidden(true);
    expect(new FakePage('reload', storage).claim().id).toBe(id);
});

it('a page that is opened new makes its own id, even if there is one', () => {
    expect(new FakePage('navigate', new Map([['tandem.tab', known]])).claim().id).not.toBe(known);
});

it('a copy of a tab whose page is visible makes its own id', () => {
    const storage: Storage = new Map([['tandem.tab', known]]);
    const page = new FakePage('reload', storage);
    expect(page.claim().id).toBe(known);
    page.setHidden(true);
    page.setHidden(false);
    expect(new FakePage('back_forward', new Map(storage)).claim().id).not.toBe(known);
});

it('an id that was forgotten is not kept', () => {
    const storage: Storage = new Map();
    const page = new FakePage('navigate', storage);
    page.claim().forget();
    page.dispatchEvent(new Event('pagehide'));
    expect(storage.size).toBe(0);
});

it('an id of another form is not taken', () => {
    expect(new FakePage('reload', new Map([['tandem.tab', 'x']])).claim().id).toMatch(/^[0-9a-f]{32}$/);
});

it('a browser that refuses storage still gets an id', () => {
    const page = new FakePage('reload', new Map());
    Object.defineProperty(page, 'sessionStorage', {
        get: () => {
            throw new Error('refused');
        },
    });
    expect(page.claim().id).toMatch(/^[0-9a-f]{32}$/);
});
