import { type DuplicateFile, type DuplicateSet, keepDuplicate } from '@at/contracts/duplicates';
import { startDedup } from '@at/contracts/files';
import { Stack, Text } from '@mantine/core';
import { useCallback, useRef, useState } from 'react';
import { Link, useLoaderData, useRevalidator } from 'react-router';
import { call } from '#api/call.ts';
import { useSource } from '#api/page-request.ts';
import { useRefusal } from '#api/session.ts';
import { nextWriteId } from '#api/write-id.ts';
import { useKeys } from '#keys/bindings.ts';
import { BarSelect } from '#lists/bar-select.tsx';
import { ClearButtons } from '#lists/clear-buttons.tsx';
import { useCurrentRow } from '#lists/current-row.ts';
import { ListFilters, labelled, WordFilter } from '#lists/list-filters.tsx';
import { PageLine, Pager } from '#lists/pager.tsx';
import { listsTexts } from '#lists/texts.ts';
import { type ChangeView, useView } from '#lists/use-view.ts';
import { RefreshButton, useRefresh } from '#live/refresh.tsx';
import { write } from '#live/write.ts';
import { PageTitle } from '#pages/page-title.tsx';
import { EmptyState } from '#ui/empty-state.tsx';
import { formatBytes, formatInteger } from '#ui/format.ts';
import { notify } from '#ui/notify.tsx';
import { ReasonButton } from '#ui/reason-button.tsx';
import { focusSearch } from '#ui/search-box.tsx';
import { type Choice, choose, keepRefusal } from './acts.ts';
import { duplicatesKeys } from './keys.ts';
import type { loader } from './loader.ts';
import { cardId, SetCard } from './set-card.tsx';
import { duplicatesTexts as texts } from './texts.ts';
import { type DuplicatesView, duplicatesView, pageSize } from './view.ts';

type Data = Awaited<ReturnType<typeof loader>>;

/** What has to be done where there are no sets. */
function Empty({ data, onChange }: { data: Data; onChange: ChangeView<DuplicatesView> }) {
  const { view, scan } = data;
  const refusal = useRefusal(startDedup.config.role) ?? undefined;
  const { revalidate } = useRevalidator();
  const isNarrowed = duplicatesView.activeFilters(view).length > 0 || view.q.trim() !== '';
  if (isNarrowed)
    return (
      <EmptyState {...texts.noMatch(duplicatesView.describe(view))}>
        <ClearButtons view={view} definition={duplicatesView} onChange={onChange} />
      </EmptyState>
    );
  if (scan?.running) return <EmptyState {...texts.running} />;
  if (scan?.state === 'completed') return <EmptyState {...texts.none} />;
  const { title, text } = texts.first;
  const moves = scan ? texts.moves[`${scan.moves_duplicates}`] : '';
  const start = async () => {
    await write('files', texts.scanRefused, async () => {
      await call(startDedup, { body: {}, idempotencyKey: nextWriteId() });
      notify(texts.scanStarted);
    });
    await revalidate();
  };
  return (
    <EmptyState {...(scan?.error ? texts.lastFailed(scan.error) : { title, text: text(moves) })}>
      <ReasonButton reason={refusal} onClick={() => void start()}>
        {texts.scan}
      </ReasonButton>
      <Link to="/files/config">{texts.configure}</Link>
    </EmptyState>
  );
}

function Filters({ view, onChange }: { view: DuplicatesView; onChange: ChangeView<DuplicatesView> }) {
  const { NEW: _, ARCHIVED: __, ...statuses } = texts.statuses;
  return (
    <ListFilters view={view} definition={duplicatesView} onChange={onChange} search={texts.search}>
      <BarSelect
        value={view.sort_by}
        names={labelled(texts.order, texts.orders)}
        onChange={(sort_by) => onChange({ sort_by })}
      />
      <WordFilter
        label={texts.kind}
        any={texts.anyKind}
        names={texts.kinds}
        words={view.kind}
        describe={(kinds) => kinds.map((kind) => texts.kinds[kind]).join(listsTexts.or)}
        onChange={(kind) => onChange({ kind })}
      />
      <BarSelect
        label={texts.place}
        value={view.moved}
        names={labelled(texts.place, texts.places)}
        onChange={(moved) => onChange({ moved })}
      />
      <WordFilter
        label={texts.keptIs}
        any={texts.anyStatus}
        names={statuses}
        words={view.status}
        describe={(given) => given.map((status) => texts.statuses[status]).join(listsTexts.or)}
        onChange={(status) => onChange({ status })}
      />
      <BarSelect
        label={texts.atLeast}
        value={view.saving}
        names={labelled(texts.atLeast, texts.sizes)}
        onChange={(saving) => onChange({ saving: saving as DuplicatesView['saving'] })}
      />
    </ListFilters>
  );
}

/** The sets of a page, and the file that keys act on. */
function Sets({ data, onChange }: { data: Data; onChange: ChangeView<DuplicatesView> }) {
  const { view, list } = data;
  const { data: sets, totals, pagination } = list.data;
  const { revalidate } = useRevalidator();
  const refusal = useRefusal(keepDuplicate.config.role);
  /** Which duplicate of the set keys act on. */
  const [place, setPlace] = useState({ set: '', index: 0 });
  const focus = useCallback((key: string) => document.getElementById(cardId(key))?.focus(), []);
  const { current, setCurrent, item, next, previous } = useCurrentRow({
    rows: sets,
    keyOf: ({ id }) => `${id}`,
    opened: null,
    focus,
  });
  /** A second key acts on what the first one has chosen, also before that is on screen. */
  const chosen = useRef(place);
  const indexIn = (at: typeof place) =>
    at.set === current ? Math.min(at.index, (item?.duplicates.length ?? 1) - 1) : 0;
  const move = (by: number) => {
    if (!item) return;
    const index = Math.max(0, Math.min(item.duplicates.length - 1, indexIn(chosen.current) + by));
    chosen.current = { set: `${item.id}`, index };
    setPlace(chosen.current);
  };
  const latest = useRef({ setCurrent, revalidate });
  latest.current = { setCurrent, revalidate };
  const act = useCallback((choice: Choice, set: DuplicateSet, file: DuplicateFile) => {
    void choose(choice, set, file, (kept) => {
      latest.current.setCurrent(`${kept}`);
      void latest.current.revalidate();
    });
  }, []);
  const actOn = (choice: Choice) => {
    const file = item?.duplicates[indexIn(chosen.current)];
    if (!item || !file) return;
    const reason = refusal ?? (choice === 'keep' ? keepRefusal(item) : undefined);
    if (reason) notify(reason);
    else act(choice, item, file);
  };
  const showAll = useCallback(({ id }: DuplicateSet) => onChange({ file: `${id}` }), [onChange]);
  useKeys(duplicatesKeys, {
    search: focusSearch,
    refresh: () => void revalidate(),
    next,
    previous,
    nextFile: () => move(1),
    previousFile: () => move(-1),
    keep: () => actOn('keep'),
    own: () => actOn('restore'),
  });
  const page = { pagination, offset: view.offset, rows: sets.length };
  const size = formatBytes(totals.bytes);
  const hasMoved = sets.some(({ duplicates }) => duplicates.some(({ moved_from }) => moved_from !== null));
  return (
    <>
      <Text fw={600} mb="xs">
        {texts.totals(totals.sets, formatInteger(totals.sets), totals.files, formatInteger(totals.files), size)}
      </Text>
      {hasMoved && (
        <Text size="sm" c="dimmed" mb="xs">
          {texts.undoAll} <Link to="/activity">{texts.toActivity}</Link>
        </Text>
      )}
      <PageLine page={page} filter={duplicatesView.describe(view)} />
      <Stack gap="md" role="region" aria-label={texts.list}>
        {sets.map((set) => (
          <SetCard
            key={set.id}
            set={set}
            current={`${set.id}` === current ? indexIn(place) : null}
            onCurrent={setCurrent}
            onChoose={act}
            onMore={showAll}
          />
        ))}
      </Stack>
      <Pager
        page={page}
        onPrevious={() => onChange({ offset: Math.max(0, view.offset - pageSize) })}
        onNext={() => onChange({ offset: view.offset + pageSize })}
      />
    </>
  );
}

/** Sets of files with the same content, side by side. */
export function DuplicatesPage() {
  const data = useLoaderData<typeof loader>();
  const { view, change } = useView(data.view, duplicatesView);
  const refresh = useRefresh();
  useSource(data.list.url);
  return (
    <>
      <PageTitle page={texts.page}>
        <RefreshButton at={data.at} refresh={refresh} />
      </PageTitle>
      <Filters view={view} onChange={change} />
      {data.list.data.data.length === 0 && data.view.offset === 0 ? (
        <Empty data={data} onChange={change} />
      ) : (
        <Sets data={data} onChange={change} />
      )}
    </>
  );
}
