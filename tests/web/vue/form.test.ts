// @vitest-environment happy-dom
import { expect, it } from 'vitest';
import { form } from '@web/vue/form';

function submitted(html: string): Record<string, string | string[]> {
    document.body.innerHTML = `<form>${html}</form>`;
    const element = document.querySelector('form')!;
    let fields: Record<string, string | string[]> = {};
    element.addEventListener('submit', (event) => (fields = form(event)));
    element.dispatchEvent(new Event('submit'));
    return fields;
}

it('fields are strings by name', () => {
    expect(
        submitted(
            '<input name="title" value="t"><input name="age" type="number" value="5"><textarea name="b">b</textarea>',
        ),
    ).toEqual({
        title: 't',
        age: '5',
        b: 'b',
    });
});

it('a name that occurs more than once has a list', () => {
    expect(submitted('<input name="tag" value="a"><input name="tag" value="b"><input name="tag" value="c">')).toEqual({
        tag: ['a', 'b', 'c'],
    });
});

it('files and unchecked boxes are left out', () => {
    expect(
        submitted('<input type="file" name="photo"><input type="checkbox" name="done"><input name="x" value="1">'),
    ).toEqual({ x: '1' });
});

it('a field called __proto__ is a field', () => {
    const fields = submitted('<input name="__proto__" value="x">');
    expect(Object.entries(fields)).toEqual([['__proto__', 'x']]);
});

it('an event from elsewhere is a mistake', () => {
    expect(() => form(new Event('click'))).toThrow(/does not come from a form/);
});
