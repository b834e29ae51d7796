import { MantineProvider } from '@mantine/core';
import { screen, waitFor } from '@testing-library/dom';
import { type ComponentType, Suspense } from 'react';
import { createRoot } from 'react-dom/client';
import { expect, it, onTestFinished } from 'vitest';
import { isAnswering } from '#api/is-answering.ts';
import { intercept, refuse } from '#test/api.ts';
import { ToastHost } from '#ui/notify.tsx';
import { Outdated } from '#ui/outdated.ts';
import { lazyPart, readCode } from './lazy-part.ts';

const gone = () => new TypeError('Failed to fetch dynamically imported module: http://console.test/assets/part-1.js');
const answers = () => intercept(/health$/, async () => Response.json({ status: 'healthy' }));
const module = { Part: ({ name }: { name: string }) => <p>{name}</p> };

function render(Part: ComponentType<{ name: string }>) {
  const root = createRoot(document.body.appendChild(document.createElement('div')));
  root.render(
    <MantineProvider env="test">
      <p>The rest of the page</p>
      <Suspense fallback={<p>Loading</p>}>
        <Part name="The part" />
      </Suspense>
      <ToastHost />
    </MantineProvider>,
  );
  onTestFinished(() => root.unmount());
}

it.each(['part', 'dialog'] as const)(
  'a %s whose code is needed during an outage says so, and shows when the API is back',
  async (look) => {
    const recover = refuse(/health$/, 'unreachable');
    let isBack = false;
    const read = async () => {
      if (!isBack) throw gone();
      return module;
    };
    render(lazyPart(read, 'Part', look));
    await waitFor(() => expect(screen.getByRole('alert').textContent).toContain('The API cannot be reached'));
    screen.getByText('The rest of the page');
    recover();
    answers();
    isBack = true;
    await isAnswering();
    await screen.findByText('The part');
  },
);

it('code that the server no longer has is no outage: the page stays and offers to reload', async () => {
  answers();
  render(lazyPart((): Promise<typeof module> => Promise.reject(gone()), 'Part'));
  await screen.findByText('The console has been updated');
  await screen.findByRole('button', { name: 'Reload' });
  screen.getByText('The rest of the page');
});

it('tells an outage, a missing build and a fault in the code apart', async () => {
  const recover = refuse(/health$/, 'unreachable');
  await expect(readCode(() => Promise.reject(gone()))).rejects.toThrow('cannot be reached');
  recover();
  answers();
  await expect(readCode(() => Promise.reject(gone()))).rejects.toThrow(Outdated);
  const fault = new TypeError('x is not a function');
  await expect(readCode(() => Promise.reject(fault))).rejects.toBe(fault);
});
