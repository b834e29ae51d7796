import { describe, expect, it, vi } from 'vitest';

vi.hoisted(() => {
  vi.stubGlobal('addEventListener', () => {});
  vi.stubGlobal('location', new URL('http://console.test/'));
});

import {
  activeFilters,
  changesQuery,
  defaults,
  describeView,
  operationsQuery,
  readView,
  withoutFilters,
  writeView,
} from './view.ts';

const view = (query = '') => readView(new URLSearchParams(query));

describe('the view in the address', () => {
  it('is the list of changes for an empty address', () => {
    expect(view()).toEqual(defaults);
    expect(`${writeView(view())}`).toBe('');
    expect(changesQuery(view())).toEqual({ limit: 50 });
    expect(describeView(view())).toBe('changes');
  });

  it('survives being written and read, with the cursors of the page', () => {
    const query = 'tab=operations&state=never&subject=media&actor=anna&cursor=abc&cursor=def';
    expect(view(`${writeView(view(query))}`)).toEqual(view(query));
    expect(view(query).cursor).toEqual(['abc', 'def']);
  });

  it('ignores unknown values', () => {
    expect(view('tab=x&type=x&state=constructor&subject=x&actor=%00&q=&imdb_id=&cursor=a%20b')).toEqual(defaults);
  });
});

it('the query of each list has its filters and the cursor of the page', () => {
  const filtered = view('type=label.written&q=matrix&actor=anna&subject=media&state=cancelled&cursor=abc&cursor=def');
  expect(changesQuery(filtered)).toEqual({
    type: ['label.written'],
    q: 'matrix',
    actor: 'anna',
    limit: 50,
    cursor: 'def',
  });
  expect(operationsQuery(filtered)).toEqual({
    state: ['cancelled'],
    started: true,
    subject: 'media',
    actor: 'anna',
    limit: 50,
    cursor: 'def',
  });
});

it('a later page is not a filter', () => {
  expect(activeFilters(view('tab=operations&cursor=abc'))).toEqual([]);
  expect(activeFilters(view('actor=anna'))).toHaveLength(1);
});

it('a filter of the other tab counts as none, and clearing the filters leaves the words of the search', () => {
  expect(activeFilters(view('state=done&subject=media'))).toEqual([]);
  expect(activeFilters(view('tab=operations&type=label.written&state=done&subject=media'))).toHaveLength(2);
  const set = view('q=alien&type=media.changed&actor=anna&cursor=abc');
  expect(describeView(set)).toBe('changes of media items, matching "alien", by \u2068anna\u2069');
  expect(`${writeView(withoutFilters(set))}`).toBe('q=alien');
});

it('an older link to the changes of a title searches for its id', () => {
  expect(changesQuery(view('imdb_id=tt0133093'))).toMatchObject({ q: 'tt0133093' });
});
