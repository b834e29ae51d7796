import { UnstyledButton } from '@mantine/core';
import { memo, useRef } from 'react';
import { type Call, calls, rowsOf } from '#api/call-log.ts';
import { source } from '#api/page-request.ts';
import { useStore } from '#state/store.ts';
import { copyText } from '#ui/copy-text.ts';
import { formatDuration } from '#ui/format.ts';
import styles from './api-line.module.css';
import { ApiMenu } from './api-menu.tsx';
import { apiLineFolded } from './folded.ts';
import { appTexts } from './texts.ts';

const texts = appTexts.apiLine;

/** The request of the content on screen: its URL, its result, and ways to repeat it elsewhere. */
export const ApiLine = memo(() => {
  const url = useStore(source);
  const found = useStore(calls, (list) => list.find((one) => one.url === url && one.method === 'GET'));
  // Kept separately, because a labelling user's writes soon fill the last calls.
  const latest = useRef<Call>(undefined);
  latest.current = found ?? latest.current;
  const call = latest.current?.url === url ? latest.current : undefined;
  const rows = call && rowsOf(call);
  const folded = useStore(apiLineFolded);
  const isFailed = call !== undefined && (call.status === undefined || call.status >= 400);
  const toggle = folded ? texts.unfold : texts.fold;
  return (
    <div className={styles.line} data-folded={folded || undefined}>
      <UnstyledButton
        className={styles.fold}
        aria-label={toggle}
        data-tooltip={toggle}
        aria-expanded={!folded}
        onClick={() => apiLineFolded.set(!folded)}
      >
        <span
          className={styles.dot}
          data-failed={isFailed || undefined}
          data-answered={call !== undefined || undefined}
        />
      </UnstyledButton>
      {folded || <Request url={url} call={call} rows={rows} />}
    </div>
  );
});

function Request({ url, call, rows }: { url: string | null; call: Call | undefined; rows: number | undefined }) {
  return (
    <>
      {url ? (
        <UnstyledButton
          className={styles.url}
          data-tooltip={texts.copyThis}
          onClick={() => void copyText(url, texts.url)}
        >
          <span className={styles.method}>{texts.method}</span> {url}
        </UnstyledButton>
      ) : (
        <span className={styles.url}>{texts.none}</span>
      )}
      {call && (
        <span className={styles.facts}>
          {call.status ?? call.error} · {formatDuration(call.ms)}
          {rows !== undefined && ` · ${texts.rows(rows)}`}
        </span>
      )}
      <ApiMenu url={url} docs={call?.docs ?? ''} />
    </>
  );
}
