import { screen } from '@testing-library/dom';
import { createRoot } from 'react-dom/client';
import { createMemoryRouter, useLocation } from 'react-router';
import { RouterProvider } from 'react-router/dom';
import { expect, it, onTestFinished } from 'vitest';
import { useColumns } from './columns.tsx';

const columns = [
  { id: 'name', name: 'Name', fixed: true },
  { id: 'year', name: 'Year', extra: true },
] as const;

it('another address, such as that of a row whose details open, changes no columns: no row renders again', async () => {
  const seen = new Set<unknown>();
  function Probe() {
    const { shown, shows } = useColumns('media', columns);
    seen.add(shown).add(shows);
    return <p>At {useLocation().pathname}</p>;
  }
  const router = createMemoryRouter([{ path: '*', Component: Probe }], { initialEntries: ['/media'] });
  const root = createRoot(document.body.appendChild(document.createElement('div')));
  onTestFinished(() => root.unmount());
  root.render(<RouterProvider router={router} />);
  await screen.findByText('At /media');
  await router.navigate('/media/1');
  await screen.findByText('At /media/1');
  expect(seen.size).toBe(2);
});
