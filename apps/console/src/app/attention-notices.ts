import { QueryObserver } from '@tanstack/react-query';
import { queryClient } from '#api/query-client.ts';
import { type Attention, attentionQueries, countToAct } from '#pages/attention.ts';
import type { Page } from '#pages/define-page.ts';
import { formatInteger } from '#ui/format.ts';

/** What waits for a person without anything having failed, such as titles to review, is no news. */
const isTrouble = ({ urgency }: Attention) => urgency === 'broken' || urgency === 'stuck';

/**
 * Shows a notification of the browser when more is broken or stuck on a page than before, unless the console has the focus. A
 * click brings the console to the front and opens the address of the first entry. Returns how to stop.
 */
export function noticeAttention(pages: readonly Page[], open: (address: string) => void): () => void {
  const before = new Map<string, number>();

  function compare({ path, name }: Page, entries: readonly Attention[]): void {
    const troubles = entries.filter(isTrouble);
    const [count, known] = [countToAct(troubles), before.get(path)];
    before.set(path, count);
    if (known === undefined || count <= known || document.hasFocus()) return;
    const body = troubles.map(({ count, text }) => `${formatInteger(count)} ${text}`).join('\n');
    // The tag makes those of several tabs, and later ones of the page, one notification.
    const shown = new Notification(name, { body, tag: path });
    shown.onclick = () => {
      focus();
      open((troubles[0] as Attention).to);
      shown.close();
    };
  }

  let stops: (() => void)[] = [];
  const follow = () => {
    for (const stop of stops) stop();
    stops = pages.flatMap((page) => {
      const query = attentionQueries.get().get(page.path);
      if (!query) return [];
      const observer = new QueryObserver(queryClient, query);
      return [observer.subscribe(({ data, isFetching }) => data && !isFetching && compare(page, data))];
    });
  };
  follow();
  const unsubscribe = attentionQueries.subscribe(follow);
  return () => {
    unsubscribe();
    for (const stop of stops) stop();
  };
}
