import type { QueueItemDetails } from '@at/contracts/queue';
import { getQueueItem, listQueue } from '@at/contracts/queue';
import { Alert, Button, Drawer, Group, Menu, Skeleton, Stack, Text, TextInput } from '@mantine/core';
import { IconChevronDown, IconChevronLeft, IconChevronRight } from '@tabler/icons-react';
import { queryOptions, useQuery } from '@tanstack/react-query';
import { type FormEvent, useEffect, useRef, useState } from 'react';
import { Link, useLocation, useNavigate, useSearchParams } from 'react-router';
import { call, urlOf } from '#api/call.ts';
import { useSource } from '#api/page-request.ts';
import { queryClient } from '#api/query-client.ts';
import { useRefusal } from '#api/session.ts';
import { useKeyCap, useKeys } from '#keys/bindings.ts';
import { keyOf } from '#live/invalidations.ts';
import runs from '#runs/runs.module.css';
import { queueLabels, shownLabels } from '#state/queue-labels.ts';
import { useStore } from '#state/store.ts';
import { once } from '#ui/double-clicks.ts';
import { EmptyState } from '#ui/empty-state.tsx';
import { formatInteger } from '#ui/format.ts';
import { LoadFailure } from '#ui/load-failure.tsx';
import { MenuButton } from '#ui/menu-button.tsx';
import { ReasonButton } from '#ui/reason-button.tsx';
import { RelativeTime } from '#ui/relative-time.tsx';
import { useOpenOnMount } from '#ui/use-open-on-mount.ts';
import { FreshSwitch } from './fresh-switch.tsx';
import { answers, bringBack, run, useRefusals, writing } from './item-changes.ts';
import { ItemCover, ItemFacts, ItemMetadata, ItemRuns } from './item-facts.tsx';
import { ItemMark } from './item-mark.tsx';
import { ActionButton, itemActions, MenuActions, menuOfActions } from './item-menu.tsx';
import { fileOf, likelyAction, nameOf } from './items.ts';
import { queueDetailsKeys } from './keys.ts';
import { queueItem, queueRemoval } from './queries.ts';
import styles from './queue.module.css';
import { addressWith } from './queue-columns.tsx';
import { remedyOf } from './remedies.ts';
import { queueTexts as texts } from './texts.ts';

/** The way to the newer and the older item. */
function Neighbours({ item }: { item: QueueItemDetails }) {
  const { search, state } = useLocation();
  const navigate = useNavigate();
  // Closing the details still leads back to the list.
  const open = (id: number | null) =>
    id !== null && void navigate(addressWith(search, `${id}`), { replace: true, state, preventScrollReset: true });
  const moves = { previous: item.previous_id, next: item.next_id };
  const caps = { previous: useKeyCap(queueDetailsKeys, 'previous'), next: useKeyCap(queueDetailsKeys, 'next') };
  useKeys(queueDetailsKeys, { previous: () => open(moves.previous), next: () => open(moves.next) });
  const button = (name: keyof typeof moves, icon: 'leftSection' | 'rightSection', Icon: typeof IconChevronLeft) => (
    <Button
      size="compact-sm"
      variant="default"
      {...{ [icon]: <Icon size={16} /> }}
      disabled={moves[name] === null}
      aria-label={texts.neighbourNames[name]}
      title={caps[name]}
      onClick={() => open(moves[name])}
    >
      {texts.neighbours[name]}
    </Button>
  );
  return (
    <Group justify="space-between" mb="sm">
      {button('previous', 'leftSection', IconChevronLeft)}
      {button('next', 'rightSection', IconChevronRight)}
    </Group>
  );
}

/** What helps most, and the other actions in a menu. */
function Actions({ item }: { item: QueueItemDetails }) {
  const likely = likelyAction(item);
  const shown = itemActions.filter((action) => action === likely || (action === 'retry' && item.status === 'error'));
  const folded = itemActions.filter((action) => !shown.includes(action));
  return (
    <div className={styles.actions}>
      {shown
        .toSorted((action) => (action === likely ? -1 : 1))
        .map((action) => (
          <ActionButton key={action} action={action} item={item} {...(action === likely && { variant: 'filled' })} />
        ))}
      <MenuButton
        {...menuOfActions}
        button={
          <Button variant="default" rightSection={<IconChevronDown size={16} />}>
            {texts.moreActions}
          </Button>
        }
      >
        <Menu.Dropdown {...once}>
          <MenuActions item={item} actions={folded} />
        </Menu.Dropdown>
      </MenuButton>
      <FreshSwitch />
    </div>
  );
}

/** The same as the API asks for. */
const codePattern = /^[A-Za-z]{2,6}-[0-9]{1,5}$/;

/** Another file that has a code. */
const otherWith = (code: string, id: number) =>
  queryOptions({
    queryKey: keyOf('queue', 'with-code', code, id),
    queryFn: async ({ signal }) => {
      const query = { movie_code: code, sort_by: 'movie_code', sort_order: 'asc', limit: 50 } as const;
      const { items } = (await call(listQueue, { query, signal })).data;
      return items.find((item) => item.id !== id && item.movie_code === code) ?? null;
    },
  });

/** Sets the code of a file whose name has none, or a wrong one. `isRemedy`: what failed needs it. */
function CodeForm({
  item,
  isRemedy,
  hasFocus,
}: {
  item: QueueItemDetails;
  isRemedy: boolean;
  /** Typing begins at once. */
  hasFocus: boolean;
}) {
  const input = useRef<HTMLInputElement>(null);
  useEffect(() => {
    if (hasFocus) input.current?.focus();
  }, [hasFocus]);
  const { search, state } = useLocation();
  const labels = shownLabels(useStore(queueLabels));
  const [code, setCode] = useState('');
  const isWriting = useStore(writing).has(item.id);
  const typed = code.trim().toUpperCase();
  const isWrong = typed !== '' && !codePattern.test(typed);
  const refusal = useRefusals()('extract-code', item);
  const reason = refusal ?? (codePattern.test(typed) ? undefined : texts.codeExample);
  const shown = codePattern.test(typed) ? typed : (item.movie_code ?? '');
  const taken = otherWith(shown, item.id);
  const { data: other } = useQuery({ ...taken, enabled: shown !== '' }, queryClient);
  const submit = async (event: FormEvent) => {
    event.preventDefault();
    if (reason !== undefined) return;
    // The warning comes first, however fast a person types.
    if (other === undefined && (await queryClient.ensureQueryData(taken).catch(() => null))) return;
    if (await run('extract-code', item, typed)) setCode('');
  };
  return (
    <form className={styles.actions} onSubmit={(event) => void submit(event)}>
      <TextInput
        className={styles.grow ?? ''}
        label={texts.setCodeOf(labels.code)}
        description={texts.codeExample}
        value={code}
        maxLength={20}
        autoComplete="off"
        error={isWrong && texts.noCode}
        ref={input}
        {...(hasFocus && { 'data-autofocus': true })}
        onChange={(event) => setCode(event.currentTarget.value)}
      />
      <ReasonButton type="submit" reason={reason} loading={isWriting} {...(isRemedy && { variant: 'filled' })}>
        {texts.setCode}
      </ReasonButton>
      {item.code_given_by !== null && (
        <span className={styles.mark}>
          <bdi className={styles.aside}>{texts.codeGivenBy(labels.code, item.code_given_by)}</bdi>
          <ReasonButton
            size="compact-sm"
            reason={refusal}
            disabled={isWriting}
            onClick={() => void run('extract-code', item, null)}
          >
            {texts.takeBackCode}
          </ReasonButton>
        </span>
      )}
      {other && (
        <Text size="sm" role="status" w="100%">
          {texts.sameCode}{' '}
          <Link to={addressWith(search, `${other.id}`)} replace state={state} preventScrollReset>
            <bdi>{fileOf(other)}</bdi>
          </Link>
        </Text>
      )}
    </form>
  );
}

function Item({ item, isFirst }: { item: QueueItemDetails; isFirst: boolean }) {
  const { error_message, failed_step, retry_count, next_retry_at } = item;
  const came = useStore(answers).get(item.id);
  const needsCode = item.status === 'error' && likelyAction(item) === 'code';
  const form = <CodeForm key={item.id} item={item} isRemedy={needsCode} hasFocus={needsCode && isFirst} />;
  return (
    <Stack gap="lg">
      <ItemMark item={item} />
      <div role="status">{came !== undefined && error_message === null && came.text}</div>
      {error_message !== null && (
        <Alert
          color="red"
          title={(came?.hasFailedAgain ? texts.failedAgainAt : texts.failedAt)(texts.stepName(failed_step ?? ''))}
          className={runs.text ?? ''}
        >
          <span dir="auto">{error_message}</span>
          <Text size="sm" mt={4}>
            {remedyOf(item).text}
          </Text>
          {(retry_count > 0 || next_retry_at !== null) && (
            <Text size="xs" mt={4}>
              {texts.retries(retry_count, formatInteger(retry_count))}
              {next_retry_at !== null && (
                <>
                  , {texts.nextAttempt} <RelativeTime at={next_retry_at} />
                </>
              )}
            </Text>
          )}
        </Alert>
      )}
      {needsCode && form}
      <Actions item={item} />
      {!needsCode && form}
      <ItemFacts item={item} />
      <ItemCover item={item} />
      <ItemMetadata metadata={item.metadata_json} />
      <ItemRuns all={item.runs} />
    </Stack>
  );
}

/** An item that is not in the queue, with the undo of its removal. */
function Removed({ id }: { id: number }) {
  const { data: removal } = useQuery(queueRemoval(id), queryClient);
  const refusal = useRefusal('operator');
  const [isBusy, setBusy] = useState(false);
  if (!removal) return <EmptyState {...texts.noItem} />;
  const { name, removed_at, has_file } = removal;
  const undo = async () => {
    setBusy(true);
    await bringBack(id, name);
    setBusy(false);
  };
  return (
    <EmptyState title={texts.removed.title(name)} text={texts.removed.text(has_file)}>
      <Text size="sm">
        {texts.removed.at} <RelativeTime at={removed_at} />
      </Text>
      <ReasonButton reason={refusal ?? undefined} variant="filled" loading={isBusy} onClick={() => void undo()}>
        {texts.removed.undo}
      </ReasonButton>
    </EmptyState>
  );
}

/** Everything about one item beside the list; null: it closes. */
export function ItemDrawer({ id }: { id: string | null }) {
  const [isReady] = useOpenOnMount();
  const { search, state } = useLocation();
  const [parameters] = useSearchParams();
  const navigate = useNavigate();
  // The one that it was opened with: on the way to another one, keys go on.
  const first = useRef<number | null>(null);
  if (id === null) first.current = null;
  else first.current ??= Number(id);
  // The content stays while it closes.
  const last = useRef(id ?? '');
  if (id !== null) last.current = id;
  const number = Number(last.current);
  const isId = Number.isSafeInteger(number) && number > 0;
  const { data: item, error, refetch } = useQuery({ ...queueItem(number), enabled: isId && id !== null }, queryClient);
  useSource(isId && id !== null ? urlOf(getQueueItem, { id: number }) : null, 1);
  const close = () => {
    // Goes back if it was opened from the list; a link has no list to go back to.
    if ((state as { fromList?: boolean } | null)?.fromList) return navigate(-1);
    const rest = new URLSearchParams(search);
    rest.delete('item');
    return navigate({ search: `${rest}` }, { replace: true, preventScrollReset: true });
  };
  // A run that is open above it takes the keys.
  const isCovered = parameters.has('run');
  return (
    <Drawer
      opened={isReady && id !== null}
      onClose={() => void close()}
      position="right"
      size={660}
      zIndex={199}
      closeOnEscape={!isCovered}
      trapFocus={!isCovered}
      title={<bdi className={runs.heading}>{item ? nameOf(item) : texts.theItem}</bdi>}
    >
      {item ? (
        <>
          <Neighbours item={item} />
          <Item key={item.id} item={item} isFirst={first.current === item.id} />
        </>
      ) : item === null && isId ? (
        <Removed key={number} id={number} />
      ) : !isId ? (
        <EmptyState {...texts.noItem} />
      ) : error ? (
        <LoadFailure what={texts.theItem} error={error} retry={refetch} />
      ) : (
        <Skeleton height={240} radius="md" role="status" aria-label={texts.loading} />
      )}
    </Drawer>
  );
}
