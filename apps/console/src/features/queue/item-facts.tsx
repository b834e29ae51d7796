import { getQueueCover, type QueueItemDetails } from '@at/contracts/queue';
import { SegmentedControl } from '@mantine/core';
import { useQuery } from '@tanstack/react-query';
import { useState } from 'react';
import { urlOf } from '#api/call.ts';
import { queryClient } from '#api/query-client.ts';
import { workOf } from '#runs/describe-run.ts';
import { RunLink } from '#runs/run-link.tsx';
import { StateMark } from '#runs/run-parts.tsx';
import runs from '#runs/runs.module.css';
import { runsTexts } from '#runs/texts.ts';
import { queueLabels, shownLabels } from '#state/queue-labels.ts';
import { useStore } from '#state/store.ts';
import { Copyable, LinkedId } from '#ui/copyable.tsx';
import { Fact, Facts } from '#ui/facts.tsx';
import { none } from '#ui/format.ts';
import { Json, JsonTree } from '#ui/json.tsx';
import { RelativeTime } from '#ui/relative-time.tsx';
import { serverLink } from './items.ts';
import { queueMeta } from './queries.ts';
import styles from './queue.module.css';
import { remedyOf } from './remedies.ts';
import { queueTexts as texts } from './texts.ts';

const { facts: names } = texts;

/** Where the file is, what is known of it, and since when. */
export function ItemFacts({ item }: { item: QueueItemDetails }) {
  const labels = shownLabels(useStore(queueLabels));
  const meta = useQuery(queueMeta, queryClient).data;
  const { new_path, emby_item_id, metadata_json } = item;
  // A file without a code goes to a folder of its own.
  const hasMoved = item.failed_step === 'extract' && remedyOf(item).isOnly;
  const place = new_path !== null ? names.from : hasMoved ? names.movedTo : names.file;
  return (
    <Facts>
      <Fact name={place}>
        <Copyable value={item.file_path} what={place} />
      </Fact>
      <Fact name={names.library}>{new_path === null ? none : <Copyable value={new_path} what={names.library} />}</Fact>
      <Fact name={labels.code}>
        <bdi>{item.movie_code ?? none}</bdi>
      </Fact>
      <Fact name={labels.performer}>
        <bdi>{item.actress ?? none}</bdi>
      </Fact>
      <Fact name={names.title}>
        <bdi>{typeof metadata_json?.title === 'string' ? metadata_json.title : none}</bdi>
      </Fact>
      <Fact name={names.subtitle}>{item.subtitle ?? none}</Fact>
      <Fact name={names.server}>
        {emby_item_id === null ? (
          none
        ) : (
          <LinkedId value={emby_item_id} site={texts.serverItem} href={serverLink(item, meta)} />
        )}
      </Fact>
      <Fact name={names.published}>
        <RelativeTime at={item.published_at} />
      </Fact>
      <Fact name={names.created}>
        <RelativeTime at={item.created_at} />
      </Fact>
      <Fact name={names.updated}>
        <RelativeTime at={item.updated_at} />
      </Fact>
    </Facts>
  );
}

/** The cover, in a place that is kept while it loads; nothing where there is none. */
export function ItemCover({ item: { id, cover } }: { item: QueueItemDetails }) {
  const [failed, setFailed] = useState<string>();
  if (cover === null || cover === failed) return null;
  return (
    <img
      src={urlOf(getQueueCover, { id }, { version: cover })}
      // The title is beside it.
      alt=""
      style={{ maxWidth: '100%', height: 240, objectFit: 'contain', alignSelf: 'flex-start', borderRadius: 4 }}
      decoding="async"
      draggable={false}
      onError={() => setFailed(cover)}
    />
  );
}

/** What the provider knows, as a tree or as raw JSON. */
export function ItemMetadata({ metadata }: { metadata: QueueItemDetails['metadata_json'] }) {
  const [look, setLook] = useState<'tree' | 'json'>('tree');
  return (
    <section aria-label={texts.metadata}>
      <div className={runs.head}>
        <h3>{texts.metadata}</h3>
        {metadata !== null && (
          <SegmentedControl
            size="xs"
            aria-label={texts.metadata}
            value={look}
            onChange={(chosen) => setLook(chosen as typeof look)}
            data={Object.entries(texts.metadataLooks).map(([value, label]) => ({ value, label }))}
          />
        )}
      </div>
      {metadata === null ? (
        <p className={styles.aside}>{texts.noMetadata}</p>
      ) : look === 'tree' ? (
        <JsonTree value={metadata} />
      ) : (
        <Json name="JSON" value={metadata} />
      )}
    </section>
  );
}

/** What was done with it, newest first; each run opens above the details. */
export function ItemRuns({ all }: { all: QueueItemDetails['runs'] }) {
  return (
    <section aria-label={texts.runs}>
      <h3 className={styles.name}>{texts.runs}</h3>
      {all.length === 0 && <p className={styles.aside}>{texts.noRuns}</p>}
      <ol className={runs.attempts}>
        {all.map((run) => (
          <li key={run.id}>
            <span className={styles.mark}>
              <RunLink className={styles.link} id={run.id}>
                {texts.runSteps(run.steps.map(texts.stepName))}
              </RunLink>
              <StateMark state={run.state} />
              <RelativeTime at={run.created_at} />
              {run.started_at !== null && <span>{workOf(run)}</span>}
              {run.repaired_by !== null && <RunLink id={run.repaired_by}>{runsTexts.repaired}</RunLink>}
              <span className={styles.aside}>
                {run.requested_by === null ? runsTexts.triggers[run.trigger] : <bdi>{run.requested_by}</bdi>}
              </span>
            </span>
            {run.error !== null && (
              <div className={styles.aside} dir="auto">
                {run.error}
              </div>
            )}
          </li>
        ))}
      </ol>
    </section>
  );
}
