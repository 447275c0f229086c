/**
 * The tab's id: its secret towards the server, kept over a reload. The browser copies sessionStorage when it duplicates
 * a tab or opens a window from it, so the id lies there only while the page is hidden or gone; a copy of a visible page
 * finds none and makes its own.
 */
const key = 'tandem.tab';
const pattern = /^[0-9a-f]{32}$/;

/** A new random id: 32 lower-case hex digits. */
export function newTab(): string {
    const bytes = crypto.getRandomValues(new Uint8Array(16));
    return Array.from(bytes, (byte) => byte.toString(16).padStart(2, '0')).join('');
}

export interface TabId {
    readonly id: string;
    /** The id is not to be used again: the next load makes a new one. */
    forget(): void;
}

/**
 * This page's id: the one before the reload (or before going back), else a new one. Without sessionStorage (refused by
 * the browser) every load makes a new one.
 */
export function claimTab(page: Window = window): TabId {
    const id = (returns(page) && take(page)) || newTab();
    let forgotten = false;
    const leave = () => {
        if (!forgotten) store(page, id);
    };
    const enter = () => {
        if (!page.document.hidden) store(page, null);
    };
    page.document.addEventListener('visibilitychange', () => (page.document.hidden ? leave() : enter()));
    page.addEventListener('pagehide', leave);
    page.addEventListener('pageshow', enter);
    enter();
    return {
        id,
        forget: () => {
            forgotten = true;
            store(page, null);
        },
    };
}

/** Whether this load shows again what the tab showed before. */
function returns(page: Window): boolean {
    const entry = page.performance.getEntriesByType('navigation')[0] as PerformanceNavigationTiming | undefined;
    return entry?.type === 'reload' || entry?.type === 'back_forward';
}

function take(page: Window): string | null {
    try {
        const id = page.sessionStorage.getItem(key);
        return id !== null && pattern.test(id) ? id : null;
    } catch {
        return null;
    }
}

function store(page: Window, id: string | null): void {
    try {
        if (id === null) page.sessionStorage.removeItem(key);
        else page.sessionStorage.setItem(key, id);
    } catch {
        // Storage is refused: the id lives as long as the page.
    }
}
