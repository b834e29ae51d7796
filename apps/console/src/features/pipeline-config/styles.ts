import type { CSSProperties } from 'react';

/** Not a style sheet: the first page names each file of the console, and has no room for one more. */
export const styles = {
  section: {
    marginBottom: 12,
    padding: 'var(--card-padding)',
    background: 'var(--surface)',
    border: '1px solid var(--line)',
    borderRadius: 'var(--mantine-radius-lg)',
  },
  fields: {
    display: 'grid',
    gridTemplateColumns: 'repeat(auto-fill, minmax(min(100%, 270px), 1fr))',
    gap: '16px 24px',
    marginTop: 12,
  },
  bar: {
    position: 'sticky',
    top: 0,
    zIndex: 2,
    display: 'flex',
    flexWrap: 'wrap',
    alignItems: 'center',
    gap: 8,
    padding: '8px 0',
    background: 'var(--page)',
  },
  changes: {
    margin: '8px 0 0',
    padding: 0,
    fontSize: 'var(--mantine-font-size-sm)',
    listStyle: 'none',
    overflowWrap: 'anywhere',
  },
} as const satisfies Record<string, CSSProperties>;
