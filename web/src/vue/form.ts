/**
 * The fields of the form that an event came from, as a plain object: `@submit.prevent="posts.add(form($event))"`.
 * Values are strings; a name that occurs more than once has a list. Files are left out. The pressed button's name and
 * value are in it.
 * @throws TypeError if the event is not from a form.
 */
export function form(event: Event): Record<string, string | string[]> {
    const from = event.currentTarget ?? event.target;
    const element = from instanceof Element ? from.closest('form') : null;
    if (element === null) throw new TypeError('form($event): the event does not come from a form');
    const submitter = (event as SubmitEvent).submitter ?? null;
    const fields = new Map<string, string | string[]>();
    for (const [name, value] of new FormData(element, submitter)) {
        if (typeof value !== 'string') continue;
        const before = fields.get(name);
        fields.set(name, before === undefined ? value : [before, value].flat());
    }
    return Object.fromEntries(fields);
}
