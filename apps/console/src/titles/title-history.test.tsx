import type { LabelEvent } from '@at/contracts/labels';
import { MantineProvider } from '@mantine/core';
import { renderToStaticMarkup } from 'react-dom/server';
import { afterEach, describe, expect, it, vi } from 'vitest';

vi.hoisted(() => {
  vi.stubGlobal('addEventListener', () => {});
  vi.stubGlobal('location', new URL('http://console.test/'));
});

import { queryClient } from '#api/query-client.ts';
import { describeDecision, describeValue, labelBefore } from './title-history.ts';
import { HistoryEntries, historyOf } from './title-history.tsx';

const answer: LabelEvent = {
  event_id: 3,
  at: '2025-11-19T02:27:51.094287Z',
  actor: 'anna',
  actor_verified: true,
  action: 'would_watch',
  changes: [
    { field: 'label', from: null, to: 'would_watch' },
    { field: 'reviewed', from: null, to: true },
  ],
  decision_ms: 1840,
  shown: null,
  undoes: null,
  undone_by: null,
};
const outside: LabelEvent = {
  ...answer,
  event_id: null,
  at: null,
  actor: 'database',
  action: 'outside',
  changes: [{ field: 'reviewed', from: false, to: true }],
  decision_ms: null,
};

const entries = (...events: LabelEvent[]) => entriesWith(undefined, events);
function entriesWith(before: ReturnType<typeof labelBefore>, events: LabelEvent[]): string[] {
  const html = renderToStaticMarkup(
    <MantineProvider>
      <HistoryEntries events={events} before={before} />
    </MantineProvider>,
  );
  return html
    .split(/<li class="[^"]*entry/)
    .slice(1)
    .map((entry) =>
      entry
        .replace(/^[^>]*>/, '')
        .replace(/<span aria-hidden="true">.*?<\/span>/g, '')
        .replace(/<[^>]*>/g, ' ')
        .replace(/\s+/g, ' ')
        .trim(),
    );
}

describe('the history of a title', () => {
  it('shows the user, the change with both values, and the time it took', () => {
    expect(entries(answer)[0]).toMatch(
      /^anna labelled would watch Label: unlabelled to would watch Reviewed: not set to yes .* · decided in 1\.8 s$/,
    );
  });

  it('marks an unverified name', () => {
    expect(entries(answer)[0]).not.toContain('not verified');
    expect(entries({ ...answer, actor_verified: false })[0]).toContain('anna (name not verified) labelled');
    // No name is none to verify.
    expect(entries({ ...answer, actor: 'anonymous', actor_verified: false })[0]).toContain('anonymous labelled');
  });

  it('answers who gave a label that is older than the records, and since when it was there at the latest', () => {
    const title = { label: 'would_watch', human_labeled: true, updated_at: '2025-03-01T10:00:00Z' } as const;
    const lastOf = (
      given: typeof title | (Omit<typeof title, 'human_labeled'> & { human_labeled: false }),
      events: LabelEvent[],
    ) => entriesWith(labelBefore(events, given), events).at(-1);
    expect(lastOf(title, [])).toMatch(
      /^A person labelled it would watch before changes were recorded; the name was not kept no later than /,
    );
    expect(lastOf({ ...title, human_labeled: false }, [])).toMatch(
      /^It was labelled would watch automatically, not by a person no later than /,
    );
    expect(labelBefore([], title)?.at).toBe(title.updated_at);
    // After other changes too, and after a change of that label.
    const flagged: LabelEvent = { ...answer, changes: [{ field: 'anomalous', from: false, to: true }] };
    expect(lastOf(title, [flagged])).toMatch(/the name was not kept before the entry above$/);
    expect(labelBefore([flagged], title)).toEqual({ label: 'would_watch', byPerson: true, at: undefined });
    const changes: LabelEvent['changes'] = [
      { field: 'label', from: 'would_not_watch', to: 'would_watch' },
      { field: 'human_labeled', from: false, to: true },
    ];
    expect(labelBefore([flagged, { ...answer, changes }, outside], title)).toEqual({
      label: 'would_not_watch',
      byPerson: false,
      at: undefined,
    });
    // The history has the first label.
    expect(labelBefore([flagged, answer], title)).toBeUndefined();
    expect(labelBefore([], { ...title, label: null })).toBeUndefined();
  });

  it('has Undo where the last change that stands cannot be undone too, disabled and with its reason', () => {
    const draw = (given: ReturnType<typeof labelBefore>, events: LabelEvent[]) =>
      renderToStaticMarkup(
        <MantineProvider>
          <HistoryEntries events={events} before={given} undo={<b>possible</b>} />
        </MantineProvider>,
      );
    const before = { label: 'would_watch', byPerson: true, at: answer.at as string };
    const disabled = /<button[^>]*aria-disabled="true"[^>]*>.*Undo/;
    expect(draw(before, [])).toMatch(disabled);
    expect(
      draw(before, [
        { ...answer, action: 'undo' },
        { ...answer, undone_by: 4 },
      ]),
    ).toMatch(disabled);
    expect(draw(undefined, [outside, answer])).toMatch(disabled);
    // It is at the change that stands alone.
    expect(draw(undefined, [outside, answer])).not.toContain('possible');
    const both = draw(before, [answer, outside]);
    expect(both).toContain('possible');
    expect(both).not.toMatch(disabled);
  });

  it('without a label and a change says that there is none yet', () => {
    const html = renderToStaticMarkup(
      <MantineProvider>
        <HistoryEntries events={[]} before={undefined} />
      </MantineProvider>,
    );
    expect(html).toContain('No changes yet.');
  });

  it('names a change of the label, and one of other flags, as Activity does', () => {
    const [changed, flagged, undone] = entries(
      { ...answer, action: 'update' },
      { ...answer, event_id: 2, action: 'update', changes: [{ field: 'anomalous', from: false, to: true }] },
      { ...answer, event_id: 1, action: 'undo' },
    );
    expect(changed).toMatch(/^anna changed the label /);
    expect(flagged).toMatch(/^anna changed the flags /);
    expect(undone).toMatch(/^anna undid the label /);
  });

  it('marks an undone change', () => {
    expect(entries(answer)[0]).not.toContain('undone');
    expect(entries({ ...answer, undone_by: 4 })[0]).toContain('labelled would watch undone');
  });

  it('explains outside changes and their approximate time', () => {
    const shown = entries(outside, answer, outside, { ...answer, event_id: 1 });
    expect(shown[0]).toBe('Changed in the database Reviewed: no to yes after the entry below Undo');
    expect(shown[2]).toContain('between the entries above and below');
  });

  it('keeps markup in a name as text', () => {
    expect(entries({ ...answer, actor: '<script>alert(1)</script>' })[0]).toContain(
      '&lt;script&gt;alert(1)&lt;/script&gt; labelled',
    );
  });

  it('has a word for every value', () => {
    expect(describeValue('label', null)).toBe('unlabelled');
    expect(describeValue('label', 'would_not_watch')).toBe('would not watch');
    expect([true, false, null].map((value) => describeValue('reviewed', value))).toEqual(['yes', 'no', 'not set']);
  });

  it('shows that the probability was hidden, and nothing if nothing is known', () => {
    expect(describeDecision({ decision_ms: 320, shown: { blind: true } })).toBe(
      'decided in 320 ms, probability hidden',
    );
    expect(describeDecision({ decision_ms: 0, shown: null })).toBe('decided in 0 ms');
    expect(describeDecision({ decision_ms: null, shown: { blind: false } })).toBeUndefined();
  });
});

describe('loading the history', () => {
  afterEach(() => vi.unstubAllGlobals());

  it('requests the title and returns the entries', async () => {
    const fetch = vi.fn(async (_url: string) => Response.json({ data: [answer] }));
    vi.stubGlobal('fetch', fetch);
    expect(await queryClient.fetchQuery(historyOf('tt2759766', answer.at as string))).toEqual([answer]);
    expect(fetch.mock.calls[0]?.[0]).toBe('http://console.test/rear-diff/training/tt2759766/history');
  });
});
