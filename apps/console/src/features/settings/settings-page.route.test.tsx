import { screen, waitFor, within } from '@testing-library/dom';
import { beforeAll, describe, expect, it, onTestFinished, vi } from 'vitest';
import { queryClient } from '#api/query-client.ts';
import { invalidate, keyOf } from '#live/invalidations.ts';
import { refuse } from '#test/api.ts';
import { at, openPage } from '#test/open-page.tsx';
import { type Product, startProduct } from '#test/product.ts';
import { insertRun } from '#test/sample-runs.ts';

let product: Product;
beforeAll(async () => {
  product = await startProduct();
  return () => product.close();
});

const open = (address = '/settings') => openPage(address, { product });
const region = (name: string) => screen.findByRole('region', { name });

/** Shows the field for a new key of an action. */
async function changeKeys({ click }: ReturnType<typeof open>, label: string): Promise<HTMLInputElement> {
  await click('button', `Change the keys of: ${label}`);
  return screen.findByRole<HTMLInputElement>('textbox', { name: `New key: ${label}` });
}

describe('the connection', () => {
  it('is shown as the API reports it', async () => {
    open();
    const facts = within(await region('Connection'));
    facts.getByText(`${location.origin}/rear-diff`);
    facts.getByText(/PostgreSQL \d+/);
    facts.getByText('Instant, by database triggers');
    facts.getByText('Transmission: not set up');
    facts.getByText('No sign-in: anyone who can reach this may change anything');
  });

  it('is unknown when the API does not report it, and the rest of the page works', async () => {
    refuse(/\/(meta|session)$/, { status: 500, error: 'x', message: 'The disk is full.' });
    const { user } = open();
    await screen.findByText('Facts about the API: The disk is full. (request request-1)');
    await screen.findByText('Your session: The disk is full. (request request-1)');
    const density = () => within(document.querySelector('[aria-labelledby="appearance"]') as HTMLElement);
    const compact = density().getByRole<HTMLInputElement>('radio', { name: 'Compact' });
    await user.click(compact);
    await waitFor(() => expect(compact.checked).toBe(true));
    await user.click(density().getByRole('radio', { name: 'Comfortable' }));
  });
});

describe('a key', () => {
  it('that is taken is refused, with the action that has it; a reserved one too', async () => {
    const page = open('/settings?tab=keys');
    const { user } = page;
    const input = await changeKeys(page, 'Would watch');
    await user.type(input, 'n');
    await screen.findByText('N is already used for "Would not watch" (Review).');
    expect(screen.getByRole<HTMLButtonElement>('button', { name: 'Add' }).disabled).toBe(true);
    await user.type(input, '{Backspace}g');
    await screen.findByText(/is already used for "Go to Home" \(Everywhere\)\./);
    await user.type(input, '{Backspace}[Space]');
    await screen.findByText(/is reserved/);
    // Each group names its page, once.
    expect(screen.getAllByRole('heading', { level: 3 }).map(({ textContent }) => textContent)).toEqual(
      expect.arrayContaining([
        'Everywhere',
        'Media',
        'Media: Details',
        'Training: Review',
        'Batches',
        'Predictions: Titles',
      ]),
    );
  });

  it('can be two, one after the other; one button resets all keys', async () => {
    const page = open('/settings?tab=keys');
    const { user, click } = page;
    const input = await changeKeys(page, 'Go to Training');
    await user.type(input, 'zt');
    expect(input.value).toBe('Z then T');
    await click('button', 'Add');
    await click('button', 'Done: Go to Training');
    await user.keyboard('zt');
    await screen.findByRole('heading', { name: 'Training', level: 1 });
    await user.keyboard('gs');
    await user.click(await screen.findByRole('radio', { name: 'Keys' }));
    await at('/settings?tab=keys');
    await click('button', 'Reset all keys');
    await waitFor(() => expect(screen.queryByRole('button', { name: 'Reset all keys' })).toBeNull());
    expect(localStorage.getItem('keys')).toBe('{}');
  });
});

describe('hints', () => {
  it('are shown on each page until they are dismissed, again on demand, and never when switched off', async () => {
    const { user, click } = open('/training');
    const hint = () => screen.queryByRole('complementary', { name: 'Hint' });
    await waitFor(() => expect(hint()?.textContent).toContain('One key press per decision'));
    await user.click(within(hint() as HTMLElement).getByRole('button'));
    await waitFor(() => expect(hint()).toBeNull());
    await user.keyboard('gs');
    await waitFor(() => expect(hint()).not.toBeNull());
    await click('button', 'Show dismissed hints again');
    await user.keyboard('gt');
    await screen.findByRole('heading', { name: 'Training', level: 1 });
    await waitFor(() => expect(hint()?.textContent).toContain('One key press per decision'));
    await user.keyboard('gs');
    await click('switch', /^First-visit hints/);
    await waitFor(() => expect(hint()).toBeNull());
  });
});

describe('notifications of the browser', () => {
  /** happy-dom shows none: what the console asks of the browser is kept here. */
  function allowNotifications(permission: NotificationPermission) {
    const shown: { title: string; body?: string | undefined; onclick?: () => void }[] = [];
    class Notification {
      static permission: NotificationPermission = 'default';
      static requestPermission = async () => {
        Notification.permission = permission;
        return permission;
      };
      onclick?: () => void;
      readonly title: string;
      readonly body: string | undefined;
      constructor(title: string, options: NotificationOptions) {
        this.title = title;
        this.body = options.body;
        shown.push(this);
      }
      close() {}
    }
    vi.stubGlobal('Notification', Notification);
    vi.stubGlobal('isSecureContext', true);
    onTestFinished(() => void vi.unstubAllGlobals());
    return shown;
  }

  it('that the browser refuses cannot be switched on, with the reason', async () => {
    allowNotifications('denied');
    const { click } = open();
    await click('switch', /^Notify me/);
    await screen.findByText(/^This browser refuses notifications/);
    const choice = screen.getByRole('switch', { name: /^Notify me/ }) as HTMLInputElement;
    expect([choice.disabled, choice.checked]).toEqual([true, false]);
  });

  it('come for who asked for them when more breaks than before and the console is not in front, and lead there', async () => {
    await insertRun(product, { outcome: 'failed', subject: ['title', 'tt0000001'], age: 0 });
    const shown = allowNotifications('granted');
    const hasFocus = vi.spyOn(document, 'hasFocus').mockReturnValue(true);
    onTestFinished(() => hasFocus.mockRestore());
    const { click } = open();
    await click('switch', /^Notify me/);
    await waitFor(() => expect(shown).toEqual([expect.objectContaining({ title: 'Notifications are on' })]));
    const failures = () => queryClient.getQueryData<{ count: number }>(keyOf('run-figures'))?.count;
    await waitFor(() => expect(failures()).toBe(1));
    const fail = async (count: number) => {
      await insertRun(product, { outcome: 'failed', subject: ['title', `tt000000${count}`], age: 0 });
      invalidate('run-figures');
      await waitFor(() => expect(failures()).toBe(count));
    };
    await fail(2);
    hasFocus.mockReturnValue(false);
    await fail(3);
    await waitFor(() => expect(shown).toHaveLength(2));
    expect(shown[1]).toMatchObject({ title: 'Runs', body: '3 runs failed since yesterday' });
    shown[1]?.onclick?.();
    await screen.findByText(/^1–3 of 3, runs, failed/);
    await screen.findByRole('heading', { name: 'Runs', level: 1 });
  });
});

describe('columns', () => {
  it('are chosen for each list separately', async () => {
    const { user, click } = open('/training?view=list&genre=Horror');
    const first = (selector: string) =>
      waitFor(() => {
        const row = document.querySelector<HTMLElement>(selector);
        expect(row).not.toBeNull();
        return row as HTMLElement;
      });
    const title = await first('li[data-imdb-id]');
    const id = title.dataset.imdbId as string;
    expect(within(title).queryByText(id)).toBeNull();
    expect(title.querySelector('svg[role="img"], [role="img"] svg')).not.toBeNull();
    await click('button', 'Columns and density');
    await click('menuitemcheckbox', 'IMDb id');
    await click('menuitemcheckbox', 'Ratings');
    await within(title).findByText(id);
    await waitFor(() => expect(title.querySelector('svg[role="img"], [role="img"] svg')).toBeNull());
    await user.click((await screen.findAllByRole('link', { name: 'Predictions' }))[0] as HTMLElement);
    const judged = await first('article[data-imdb-id]');
    expect(within(judged).queryByText(judged.dataset.imdbId as string)).toBeNull();
  });
});
