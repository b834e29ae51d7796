import { cmValues, genres } from '@at/contracts/vocabulary';
import { MantineProvider } from '@mantine/core';
import type { ReactNode } from 'react';
import { renderToStaticMarkup } from 'react-dom/server';
import { describe, expect, it, onTestFinished, vi } from 'vitest';

vi.hoisted(() => vi.stubGlobal('location', new URL('http://console.test/')));

import { queryClient } from '#api/query-client.ts';
import { Countries } from './country.tsx';
import { Genre, Genres } from './genre.tsx';
import {
  AnomalousBadge,
  CellBadge,
  formatProbability,
  LabelBadge,
  ProbabilityBadge,
  Verdict,
} from './label-badges.tsx';
import { Legend } from './legend.tsx';

const draw = (content: ReactNode) => renderToStaticMarkup(<MantineProvider>{content}</MantineProvider>);
/** The text for screen readers: without tags and hidden content. */
const read = (content: ReactNode) =>
  draw(content)
    .replace(/<style.*?<\/style>/gs, '')
    .replace(/<(span|svg)[^>]*aria-hidden="true"[^>]*>.*?<\/\1>/gs, '')
    .replace(/<[^>]*>/g, ' ')
    .replace(/\s+/g, ' ')
    .trim();

it.each([
  [null, 'unlabelled', 'none'],
  ['none', 'none', '&quot;none&quot;'],
  ['', '""', '&quot;&quot;'],
])('the label %j is shown as %s, and looks unlabelled only where there is none', (label, shown, looks) => {
  expect(read(<LabelBadge label={label} />).replaceAll('&quot;', '"')).toBe(shown);
  expect(draw(<LabelBadge label={label} />)).toContain(`data-label="${looks}"`);
});

describe('genres', () => {
  it.each([
    ['Horror', ['ghost']],
    ['Western', ['cactus']],
    ['Action & Adventure', ['bomb', 'mountain']],
    ['Sci-Fi & Fantasy', ['rocket', 'wand']],
    ['Soap', ['movie']],
    ['War & Politics', ['movie']],
    ['Something new', ['movie']],
  ])('%s has an icon that needs no font', (name, icons) => {
    const drawn = draw(<Genre name={name} />);
    expect([...drawn.matchAll(/tabler-icon-([\w-]+)/g)].map(([, icon]) => icon)).toEqual(icons);
    expect(drawn).not.toMatch(/\p{Extended_Pictographic}/u);
  });

  it('are announced by name, without the icons', () => {
    expect(read(<Genres names={['Drama', 'War']} />)).toBe('Drama War');
  });

  it('show a dash when there are none, and each once', () => {
    expect([read(<Genres names={null} />), read(<Genres names={[]} />)]).toEqual(['—', '—']);
    expect(read(<Genres names={['Drama', 'Drama']} />)).toBe('Drama');
  });

  it('keep markup in a name as text', () => {
    expect(draw(<Genres names={['<img src=x onerror=alert(1)>']} />)).not.toContain('<img');
  });
});

describe('countries', () => {
  it('show flag, code and name; the flag is decoration', () => {
    const html = draw(<Countries codes={['DK']} />);
    expect(html).toContain('src="/flags/DK.svg" width="18" height="12" loading="lazy" alt=""');
    expect(read(<Countries codes={['DK']} />)).toMatch(/^DK \p{L}+/u);
  });

  it('that no longer exist keep their name and show no flag of another', () => {
    expect(read(<Countries codes={['SU', 'XC']} />)).toBe('SU Soviet Union XC Czechoslovakia');
    expect(draw(<Countries codes={['SU', 'XC']} />)).not.toContain('<img');
  });

  it.each(['QQ', '../', '<b', 'dk', '"x'])(
    'that are unknown (%s) show the code once, as text, without an image',
    (code) => {
      const html = draw(<Countries codes={[code]} />);
      expect(html).not.toContain('<img');
      expect(html).not.toContain('<b');
      expect(read(<Countries codes={[code]} />).length).toBe(code.replace('<', '&lt;').replace('"', '&quot;').length);
    },
  );

  it('show a dash when there are none', () => {
    expect(read(<Countries codes={null} />)).toBe('—');
  });
});

describe('badges', () => {
  it('name the label', () => {
    expect(
      (['would_watch', 'would_not_watch', null] as const).map((label) => read(<LabelBadge label={label} />)),
    ).toEqual(['would watch', 'would not watch', 'unlabelled']);
  });

  it('name the cell, with a mark that needs no font', () => {
    expect(cmValues.map((cell) => read(<CellBadge cell={cell} />))).toEqual([
      'true positive',
      'true negative',
      'false positive',
      'false negative',
    ]);
    expect(draw(<CellBadge cell="fp" />)).not.toMatch(/\p{Extended_Pictographic}/u);
  });

  it('name anomalous', () => {
    expect(read(<AnomalousBadge />)).toBe('anomalous');
  });

  it('never round a probability to a certainty', () => {
    expect([0, 0.004, 0.005, 0.5, 0.994, 0.996, 1].map(formatProbability)).toEqual([
      '0%',
      '<1%',
      '1%',
      '50%',
      '99%',
      '>99%',
      '100%',
    ]);
  });

  it('have the probability and what the model says at the operating threshold, which is named once it is known', () => {
    queryClient.clear();
    expect(read(<ProbabilityBadge title={{ prediction: 1, probability: 0.87 }} />)).toBe('87%');
    queryClient.setQueryData(['server-info'], { operating_threshold: 0.35 });
    onTestFinished(() => queryClient.clear());
    expect(read(<ProbabilityBadge title={{ prediction: 1, probability: 0.87 }} />)).toBe(
      '87% model would watch at 0.35',
    );
    expect(read(<ProbabilityBadge title={{ prediction: 1, probability: 0.35 }} />)).toBe(
      '35% model would watch at 0.35',
    );
    expect(read(<ProbabilityBadge title={{ prediction: 1, probability: 0.3499 }} />)).toBe(
      '35% model would not watch at 0.35',
    );
    expect(read(<Legend />)).toContain('What the model says at 0.35, against the label.');
  });

  it('say that there is no prediction, or one without a probability, and give no verdict on another number', () => {
    queryClient.setQueryData(['server-info'], { operating_threshold: 0.35 });
    onTestFinished(() => queryClient.clear());
    const badgeOf = (prediction: number | null, probability: number | null) =>
      read(<ProbabilityBadge title={{ prediction, probability }} />);
    expect([badgeOf(null, null), badgeOf(1, null), badgeOf(1, Infinity), badgeOf(1, 1.7), badgeOf(0, -0.2)]).toEqual([
      'no prediction',
      'no probability',
      'no probability',
      '1.7',
      '-0.2',
    ]);
    expect([read(<Verdict probability={1.7} />), read(<Verdict probability={1} />)]).toEqual([
      '—',
      'would watch at 0.35',
    ]);
  });
});

describe('the legend', () => {
  it('names every cell, metric, badge and genre with its icon', () => {
    const text = read(<Legend />);
    const own = genres.filter((name) => !['Soap', 'War & Politics'].includes(name));
    for (const name of [
      ...own,
      'true positive',
      'false negative',
      'Rotten Tomatoes',
      'TMDB votes',
      'no data',
      'anomalous',
    ]) {
      expect(text).toContain(name.replace('&', '&amp;'));
    }
  });
});
