import { invertOperation, type Operation, type OperationItem, operationResults } from '@at/contracts/bulk';
import { Button, Drawer, Group, NativeSelect, Stack } from '@mantine/core';
import { useState } from 'react';
import { Link, useLoaderData, useLocation, useNavigate, useOutletContext, useRevalidator } from 'react-router';
import { useRefusal } from '#api/session.ts';
import { previewInverse, stopBulk } from '#bulk/bulk-operation.ts';
import { bulkTexts } from '#bulk/texts.ts';
import { titleAddress } from '#titles/title-address.ts';
import { Actor } from '#ui/actor.tsx';
import { changesOf } from '#ui/describe-changes.ts';
import { once } from '#ui/double-clicks.ts';
import { Fact, Facts } from '#ui/facts.tsx';
import { LoadFailure } from '#ui/load-failure.tsx';
import { RelativeTime } from '#ui/relative-time.tsx';
import { useOpenOnMount } from '#ui/use-open-on-mount.ts';
import styles from './activity.module.css';
import { actionOf, isRunning, membersOf, titleOf } from './describe-operation.ts';
import { Progressing } from './operation-list.tsx';
import { type Items, type OperationData, readItems } from './operation-loader.ts';
import { activityPageTexts } from './texts.ts';

const texts = activityPageTexts.details;

type Loaded = Extract<OperationData, { operation: unknown }>;

function OperationLink({ id }: { id: string }) {
  const { search, state } = useLocation();
  return (
    <Link to={{ pathname: `/activity/${id}`, search }} state={state} replace preventScrollReset>
      {texts.thatOne}
    </Link>
  );
}

function OperationFacts({ operation }: { operation: Operation }) {
  const { filter, change, inverse_of, taken_back_by, run_by, started_at, finished_at } = operation;
  const sets = membersOf(change);
  const chosen = filter && membersOf(filter);
  return (
    <Facts className={styles.facts}>
      {sets.length > 0 && <Fact name={texts.sets}>{sets.join(', ')}</Fact>}
      <Fact name={texts.chosen}>
        {chosen === null
          ? inverse_of === null
            ? texts.named
            : texts.ofInverse
          : chosen.join(', ') || texts.everything}
      </Fact>
      <Fact name={texts.requestedBy}>
        <Actor name={operation.actor} verified={operation.actor_verified} /> <RelativeTime at={operation.created_at} />
      </Fact>
      {run_by !== null && (
        <Fact name={texts.runBy}>
          <Actor name={run_by} verified={operation.run_by_verified} /> <RelativeTime at={started_at} />
        </Fact>
      )}
      {finished_at !== null && (
        <Fact name={texts.finished}>
          <RelativeTime at={finished_at} />
        </Fact>
      )}
      {inverse_of !== null && (
        <Fact name={texts.inverse}>
          <OperationLink id={inverse_of} />
        </Fact>
      )}
      {taken_back_by !== null && (
        <Fact name={texts.undoneBy}>
          <OperationLink id={taken_back_by} />
        </Fact>
      )}
    </Facts>
  );
}

/** The actions that may have put files into the trash. */
const removesFiles: readonly string[] = ['would_not_watch', 'delete', 'finish'];

/** Stop or undo, where possible. */
function Acts({ operation }: { operation: Operation }) {
  const [isBusy, setBusy] = useState(false);
  const { revalidate } = useRevalidator();
  const refusal = useRefusal(invertOperation.config.role);
  const during = async (act: Promise<void>) => {
    setBusy(true);
    await act;
    setBusy(false);
  };
  const stop = async () => {
    await stopBulk({ operation });
    await revalidate();
  };
  const undo = () =>
    previewInverse(
      {
        title: bulkTexts.toUndo(actionOf(operation)),
        verb: activityPageTexts.undoVerb,
        warning: removesFiles.includes(operation.action) ? activityPageTexts.undoWarning : undefined,
      },
      operation,
    );
  const button = (name: string, act: () => Promise<void>) => (
    <Button
      variant="default"
      loading={isBusy}
      disabled={refusal !== null}
      title={refusal ?? undefined}
      onClick={() => void during(act())}
    >
      {name}
    </Button>
  );
  const { state, can_invert } = operation;
  const isOffered = state === 'running' || state === 'previewed' || can_invert;
  if (!isOffered) return null;
  return (
    <Group gap="xs" {...once}>
      {state === 'running' && button(activityPageTexts.stop, stop)}
      {state === 'previewed' && button(activityPageTexts.drop, stop)}
      {can_invert && button(activityPageTexts.undo, undo)}
    </Group>
  );
}

function Item({ item, subject }: { item: OperationItem } & Pick<Operation, 'subject'>) {
  const { key, title, result, problem } = item;
  return (
    <li>
      <Link to={subject === 'media' ? `/media/${key}` : titleAddress(key)}>
        <bdi>{title ?? key}</bdi>
      </Link>
      <span className={styles.result} data-result={result}>
        {bulkTexts.results[result]}
      </span>
      {problem !== null && <p>{problem}</p>}
      {changesOf(item).map((text) => (
        <p key={text}>{text}</p>
      ))}
    </li>
  );
}

/** The items with one result or all, one more page on request. */
function ItemList({ operation, result, items: first }: Pick<Loaded, 'operation' | 'result'> & { items: Items }) {
  const [laterPages, setLaterPages] = useState<Items[]>([]);
  const [isLoading, setLoading] = useState(false);
  const [failure, setFailure] = useState<unknown>();
  const cursor = (laterPages.at(-1) ?? first).pagination.next_cursor;
  const items = [first, ...laterPages].flatMap(({ data }) => data);
  const more = async () => {
    setLoading(true);
    setFailure(undefined);
    try {
      const { data } = await readItems(operation.operation_id, result, cursor);
      setLaterPages((before) => [...before, data]);
    } catch (error) {
      setFailure(error);
    }
    setLoading(false);
  };
  if (items.length === 0) return <p>{texts.noItems}</p>;
  return (
    <>
      <ol className={styles.items} aria-label={texts.items}>
        {items.map((item) => (
          <Item key={item.position} item={item} subject={operation.subject} />
        ))}
      </ol>
      {failure !== undefined && <LoadFailure what={texts.itemsFailed} error={failure} />}
      {cursor !== null && (
        <Button variant="default" size="compact-sm" loading={isLoading} onClick={() => void more()}>
          {texts.more}
        </Button>
      )}
    </>
  );
}

function Shown({ data }: { data: Loaded }) {
  const latest = useOutletContext<(operation: Operation) => Operation>();
  const operation = latest(data.operation);
  const navigate = useNavigate();
  const { search, state } = useLocation();
  const { result, items } = data;
  const narrow = (value: string) => {
    const parameters = new URLSearchParams(search);
    if (value === '') parameters.delete('result');
    else parameters.set('result', value);
    void navigate({ search: `${parameters}` }, { replace: true, state, preventScrollReset: true });
  };
  const counted = operationResults.filter((word) => operation.counts[word] > 0 || word === result);
  return (
    <Stack gap="md">
      <Progressing operation={operation} />
      <Acts operation={operation} />
      <OperationFacts operation={operation} />
      <section aria-labelledby="operation-items">
        <div className={styles.heads}>
          <h3 id="operation-items">{texts.items}</h3>
          <NativeSelect
            size="xs"
            aria-label={texts.result}
            value={result ?? ''}
            onChange={({ currentTarget }) => narrow(currentTarget.value)}
            data={[
              { value: '', label: texts.allResults },
              ...counted.map((word) => ({ value: word, label: bulkTexts.results[word] })),
            ]}
          />
        </div>
        {items.status === 'rejected' ? (
          <LoadFailure what={texts.itemsFailed} error={items.reason} />
        ) : (
          // Further pages belong to the first one.
          <ItemList
            key={`${result} ${isRunning(operation)}`}
            operation={operation}
            result={result}
            items={items.value}
          />
        )}
      </section>
    </Stack>
  );
}

/** One operation, beside the list. */
export function OperationDrawer() {
  const data = useLoaderData<OperationData>();
  const { search, state } = useLocation();
  const navigate = useNavigate();
  const [opened] = useOpenOnMount();
  const close = () => {
    // Goes back if it was opened from the list; a link has no list to go back to.
    if ((state as { fromList?: boolean } | null)?.fromList) return navigate(-1);
    const parameters = new URLSearchParams(search);
    parameters.delete('result');
    return navigate({ pathname: '/activity', search: `${parameters}` }, { replace: true, preventScrollReset: true });
  };
  const title = 'operation' in data ? titleOf(data.operation) : texts.title;
  return (
    <Drawer
      opened={opened}
      onClose={() => void close()}
      position="right"
      size={620}
      title={<span className={styles.heading}>{title}</span>}
    >
      {'failure' in data ? (
        <LoadFailure what={texts.notFound} error={data.failure} />
      ) : (
        <Shown key={data.id} data={data} />
      )}
    </Drawer>
  );
}
