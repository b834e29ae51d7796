import { fireEvent, screen, waitFor } from '@testing-library/dom';
import { beforeAll, expect, it } from 'vitest';
import { nodeFetch, requests, settleRequests } from '#test/api.ts';
import { allSent, openPage } from '#test/open-page.tsx';
import { type Product, startProduct } from '#test/product.ts';
import { ignoreSecondClicks } from './double-clicks.ts';

let product: Product;
beforeAll(async () => {
  ignoreSecondClicks();
  product = await startProduct();
  return () => product.close();
});

/** The first button of an element whose name begins so, once it is there and can be clicked. */
const button = (name: string, within: ParentNode = document) =>
  waitFor(() => {
    const found = [...within.querySelectorAll<HTMLButtonElement>('button')].find(
      (one) => (one.getAttribute('aria-label') ?? one.textContent ?? '').trim().startsWith(name) && !one.disabled,
    );
    expect(found).toBeDefined();
    return found as HTMLButtonElement;
  });
const dialog = () => screen.findByRole('dialog');

async function stuck(): Promise<string> {
  const [item] = await product.query<{ hash: string }>(
    'SELECT hash FROM atp.media WHERE error_status AND deleted_at IS NULL ORDER BY hash LIMIT 1',
  );
  return item?.hash as string;
}

/** `first` is what is clicked; `second` what is in its place when the second click comes. */
const buttons: Record<
  string,
  { address: () => Promise<string>; first: () => Promise<Element>; second?: () => Promise<Element>; writes: RegExp }
> = {
  'Review: an answer': {
    address: async () => '/training',
    first: () => button('Would watch'),
    second: () => button('Would watch'),
    writes: /^PATCH .*\/would_watch$/,
  },
  'Training list: an answer': {
    address: async () => '/training?view=list&genre=Thriller&label=none',
    first: () => button('would watch: '),
    writes: /^PATCH .*\/would_watch$/,
  },
  'Predictions: a label': {
    address: async () => '/predictions?genre=Horror&label=would_not_watch',
    first: () => button('Label would watch: '),
    writes: /^PATCH /,
  },
  'Media row: the likely action': {
    address: async () => '/media?error_status=true',
    first: async () => button('Re-ingest ', await screen.findByRole('table')),
    writes: /^PATCH .*\/pipeline$/,
  },
  'Media row: its menu': {
    address: async () => '/media?error_status=true',
    first: async () => {
      (await button('Actions for')).click();
      return waitFor(() => screen.getByRole('menuitem', { name: 'Re-ingest' }));
    },
    writes: /^PATCH .*\/pipeline$/,
  },
  'Media drawer: an action': {
    address: async () => `/media/${await stuck()}`,
    first: async () => button('Re-ingest', await dialog()),
    second: async () => button('Delete', await dialog()),
    writes: /^PATCH /,
  },
  'Media: a confirmation': {
    address: async () => `/media?pipeline_status=downloaded`,
    first: async () => {
      (await button('Actions for')).click();
      (await waitFor(() => screen.getByRole('menuitem', { name: 'Mark complete' }))).click();
      return button('Mark complete', await dialog());
    },
    writes: /^PATCH .*\/finish$/,
  },
  'Activity: an undo': {
    address: async () => {
      const [title] = await product.query<{ imdb_id: string }>(
        "SELECT imdb_id FROM atp.training WHERE label = 'would_not_watch' ORDER BY imdb_id LIMIT 1",
      );
      const headers = { 'content-type': 'application/json' };
      for (const label of ['would_watch', 'would_not_watch', 'would_watch']) {
        await nodeFetch(`${product.url}/rear-diff/training/${title?.imdb_id}/${label}`, { method: 'PATCH', headers });
      }
      return '/activity';
    },
    first: () => button('Undo the change of'),
    second: () => button('Undo the change of'),
    writes: /^POST .*\/undo$/,
  },
  'Bulk dialog: its run': {
    address: async () => '/media?error_status=true',
    first: async () => {
      const boxes = await screen.findAllByRole('checkbox');
      (boxes[1] as HTMLElement).click();
      (await button('Re-ingest', await screen.findByRole('region', { name: 'Selection' }))).click();
      return button('Re-ingest 1 media item', await dialog());
    },
    second: async () => button('Undo', await dialog()),
    writes: /^POST .*\/(run|inverse|cancel)$/,
  },
};

it.each(Object.entries(buttons))(
  'a double click answers once: %s',
  async (_name, { address, first, second, writes }) => {
    const { user } = openPage(await address(), { product });
    const clicked = await first();
    const before = requests.length;
    await user.click(clicked);
    // Browsers count the clicks in one place, whichever element is there.
    fireEvent.click(second ? await second() : clicked, { detail: 2 });
    await allSent();
    await waitFor(() => expect(requests.slice(before).some((request) => writes.test(request))).toBe(true));
    await settleRequests();
    expect(requests.slice(before).filter((request) => writes.test(request))).toHaveLength(1);
  },
);
