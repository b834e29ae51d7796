import { describe, expect, it, vi } from 'vitest';

vi.hoisted(() => {
  vi.stubGlobal('addEventListener', () => {});
  vi.stubGlobal('location', new URL('http://console.test/'));
});

import { changesQuery, defaults, describeView, isFiltered, operationsQuery, readView, writeView } from './view.ts';

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
    expect(view('tab=x&type=x&state=constructor&subject=x&actor=%00&imdb_id=&cursor=a%20b')).toEqual(defaults);
  });
});

it('the query of each list has its filters and the cursor of the page', () => {
  const filtered = view(
    'type=label.written&imdb_id=tt0133093&actor=anna&subject=media&state=cancelled&cursor=abc&cursor=def',
  );
  expect(changesQuery(filtered)).toEqual({
    type: ['label.written'],
    imdb_id: ['tt0133093'],
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
  expect(isFiltered(view('tab=operations&cursor=abc'))).toBe(false);
  expect(isFiltered(view('actor=anna'))).toBe(true);
});
