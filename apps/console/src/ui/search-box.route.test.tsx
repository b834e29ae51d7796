import { MantineProvider } from '@mantine/core';
import { fireEvent, screen, waitFor } from '@testing-library/dom';
import { userEvent } from '@testing-library/user-event';
import { flushSync } from 'react-dom';
import { createRoot } from 'react-dom/client';
import { expect, it, onTestFinished } from 'vitest';
import { SearchBox } from './search-box.tsx';

function open() {
  const searches: string[] = [];
  const root = createRoot(document.body.appendChild(document.createElement('div')));
  onTestFinished(() => root.unmount());
  /** The page shows what was searched for: after its titles have loaded, which takes time. */
  const show = (value: string) =>
    flushSync(() =>
      root.render(
        <MantineProvider env="test">
          <SearchBox className="" aria-label="Search" value={value} onSearch={(text) => searches.push(text)} />
        </MantineProvider>,
      ),
    );
  show('');
  const box = () => screen.findByRole<HTMLInputElement>('searchbox');
  const searched = (...texts: string[]) => waitFor(() => expect(searches).toEqual(texts));
  return { user: userEvent.setup({ delay: null, pointerEventsCheck: 0 }), show, box, searched };
}

it('earlier searches that come back late do not restore their words, and the latest is sent', async () => {
  const { user, show, box, searched } = open();
  await user.type(await box(), 'w');
  await searched('w');
  await user.type(await box(), 'n');
  await searched('w', 'wn');
  await user.clear(await box());
  show('w');
  show('wn');
  await searched('w', 'wn', '');
  expect((await box()).value).toBe('');
});

it('another search, such as that of an earlier page, replaces what was sent', async () => {
  const { user, show, box, searched } = open();
  await user.type(await box(), 'w');
  await searched('w');
  show('w');
  show('');
  await waitFor(async () => expect((await box()).value).toBe(''));
  show('w');
  await waitFor(async () => expect((await box()).value).toBe('w'));
  await searched('w');
});

it('what is typed and not sent yet stays, whichever search comes back, and is sent', async () => {
  const { user, show, box, searched } = open();
  await user.type(await box(), 'w');
  await searched('w');
  show('w');
  // Before any timer can run.
  fireEvent.input(await box(), { target: { value: '' } });
  show('earlier');
  show('w');
  await searched('w', '');
  expect((await box()).value).toBe('');
});
