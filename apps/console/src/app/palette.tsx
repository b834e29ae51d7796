import { longestText } from '@at/contracts/paging';
import type { TrainingRow } from '@at/contracts/training';
import { Highlight, Kbd, useMantineColorScheme } from '@mantine/core';
import {
  createSpotlight,
  Spotlight,
  type SpotlightActionData,
  type SpotlightActionGroupData,
} from '@mantine/spotlight';
import {
  IconApi,
  IconBolt,
  IconBookmark,
  IconClock,
  IconDeviceTv,
  IconKeyboard,
  IconLayoutSidebar,
  IconLineHeight,
  IconLink,
  IconLogout,
  IconMoon,
  IconSearch,
  IconTags,
} from '@tabler/icons-react';
import { useEffect, useState } from 'react';
import { useNavigate } from 'react-router';
import { useConfig } from '#api/config.ts';
import { sessionTexts } from '#api/session.texts.ts';
import { useSession } from '#api/session.ts';
import { signOutOrNotify } from '#api/sign-out.ts';
import { globalGroup, type KeyGroup, type KeyMap, keyCap, keyGroups, letterKeys } from '#keys/bindings.ts';
import { globalKeys } from '#keys/global-keys.ts';
import { KeyHint } from '#keys/key-hint.tsx';
import { viewsTexts } from '#lists/saved-views.texts.ts';
import { loadViews, useSavedViews, viewAddress } from '#lists/saved-views.ts';
import { addressOf } from '#pages/default-views.ts';
import { density } from '#state/density.ts';
import { useStore } from '#state/store.ts';
import { titleAddress } from '#titles/title-address.ts';
import { copyLink } from '#ui/copy-link.ts';
import { formatWord, isolate, shownName } from '#ui/format.ts';
import { matches, matchingPart } from '#ui/matching.ts';
import { formatStatus } from '#ui/status-words.ts';
import { uiTexts } from '#ui/texts.ts';
import { loadKeyMaps, pageKeys, pages } from './features.ts';
import { navigationFolded } from './folded.ts';
import { openDialog } from './open-dialog.ts';
import styles from './palette.module.css';
import { usePaletteSearch } from './palette-search.ts';
import { appTexts } from './texts.ts';

const [store, spotlight] = createSpotlight();

const icon = { size: 18, stroke: 1.6 };
const texts = appTexts.palette;

/** The id of an action is the prefix and that of the title with exactly the name that was typed. */
const exactly = 'exactly ';

/** -1: it is what was typed; 0: the label matches; 1: the description does, or the API found it; 2: nothing does. */
function rankOf({ id, label = '', description = '', keywords }: SpotlightActionData, query: string): number {
  if (id.startsWith(exactly)) return -1;
  if (matches(label, query)) return 0;
  return keywords !== undefined || matches(description, query) ? 1 : 2;
}

/** The groups with what matches, matching labels first, and the matching part of each label marked. */
function filterGroups(groups: SpotlightActionGroupData[], query: string): SpotlightActionGroupData[] {
  const rank = (action: SpotlightActionData) => rankOf(action, query);
  return groups
    .map(({ group, actions }) => ({
      group,
      actions: actions.filter((action) => rank(action) < 2).toSorted((left, right) => rank(left) - rank(right)),
    }))
    .filter(({ actions }) => actions.length > 0)
    .toSorted((left, right) => Math.min(...left.actions.map(rank)) - Math.min(...right.actions.map(rank)))
    .map(({ group, actions }) => ({
      group,
      actions: actions.map(({ label = '', ...action }) => ({
        ...action,
        // The palette shows any node as a label; only its own filter needs a text.
        label: (
          <Highlight component="span" highlight={matchingPart(label, query)} children={label} />
        ) as unknown as string,
      })),
    }));
}

const titleAction = ({ imdb_id, media_title, release_year, media_type }: TrainingRow) => ({
  label: `${isolate(shownName(media_title))} (${release_year})`,
  description: `${formatWord(media_type)} · ${imdb_id}`,
});

/** The actions of other pages, from their key maps; each leads to its page. */
function actionsElsewhere(maps: readonly KeyMap[], bound: KeyGroup[]) {
  const isBound = new Set(bound.flatMap(({ title, bindings }) => bindings.map(({ label }) => `${title} ${label}`)));
  return maps.flatMap(({ id, title, page: segment, keys }) => {
    const page = pages.find(({ path }) => path === `/${segment}`);
    const others = Object.entries(keys).filter(([, { label }]) => !isBound.has(`${title} ${label}`));
    return page ? others.map(([name, { label }]) => ({ id: `${id}.${name}`, page, label })) : [];
  });
}

/** Finds pages, rows and actions by typing. */
export function Palette({ opening }: { opening: number }) {
  const { origin, prefix } = useConfig();
  const navigate = useNavigate();
  const groups = useStore(keyGroups);
  const letters = useStore(letterKeys);
  const rows = useStore(density);
  const session = useSession();
  const { setColorScheme } = useMantineColorScheme();
  const [query, setQuery] = useState('');
  const [maps, setMaps] = useState<readonly KeyMap[]>([]);
  const { found, isSearching } = usePaletteSearch(query);

  useEffect(() => {
    if (opening > 0) spotlight.open();
    // If that fails, the loaded ones stay.
    loadViews().catch(() => {});
    // During an outage only the actions of this page are found.
    loadKeyMaps().then(setMaps, () => {});
  }, [opening]);

  const views = useSavedViews() ?? [];
  // Enter opens the first result, also if all results come from the API.
  useEffect(() => {
    if (isSearching || document.querySelector('[data-action][data-selected]')) return;
    document.querySelector('[data-action]')?.setAttribute('data-selected', 'true');
    store.updateState((state) => ({ ...state, selected: 0 }));
  }, [isSearching, views.length]);

  const elsewhere = actionsElsewhere(maps, groups).map(({ id, page, label }) => ({
    id,
    label,
    description: texts.onPage(page.name),
    leftSection: <page.Icon {...icon} />,
    onClick: () => navigate(addressOf(page.path)),
  }));
  const ofThisPage = groups
    .filter(({ title }) => title !== globalGroup)
    .flatMap(({ title, bindings }) =>
      bindings.map(({ label, keys, run }) => ({
        id: `${title} ${label}`,
        label,
        leftSection: <IconBolt {...icon} />,
        rightSection: keys[0] && <Kbd>{keyCap(keys[0])}</Kbd>,
        // After the palette has closed, which would close the action's dialog too.
        onClick: () => requestAnimationFrame(run),
      })),
    );
  const saved = views.map((view) => ({
    id: view.id,
    label: view.name,
    description: pages.find(({ path }) => path === `/${view.page}`)?.name ?? view.page,
    leftSection: <IconBookmark {...icon} />,
    onClick: () => navigate(viewAddress(view)),
  }));
  // The API matched these.
  const keywords = [query];
  const isExact = new Set(found?.exact.map(({ imdb_id }) => imdb_id));
  const titles = [...(found?.exact ?? []), ...(found?.titles ?? [])].map((title) => ({
    ...titleAction(title),
    id: `${isExact.has(title.imdb_id) ? exactly : 'title '}${title.imdb_id}`,
    keywords,
    leftSection: <IconTags {...icon} />,
    onClick: () => navigate(`${titleAddress(title.imdb_id)}&title=${title.imdb_id}`),
  }));
  const items = (found?.items ?? []).map(({ hash, media_title, original_title, pipeline_status }) => ({
    id: `media ${hash}`,
    label: isolate(shownName(media_title ?? original_title)),
    description: `${formatStatus('pipeline_status', pipeline_status)} · ${isolate(original_title)}`,
    keywords,
    leftSection: <IconDeviceTv {...icon} />,
    onClick: () => navigate(`/media/${hash}`),
  }));
  const actions: SpotlightActionGroupData[] = [
    {
      group: texts.pages,
      actions: pages.map(({ path, name, purpose, Icon }) => ({
        id: path,
        label: name,
        description: purpose,
        leftSection: <Icon {...icon} />,
        rightSection: <KeyHint of={pageKeys} name={path} />,
        onClick: () => navigate(addressOf(path)),
      })),
    },
    ...(titles.length > 0 ? [{ group: texts.titles, actions: titles }] : []),
    ...(items.length > 0 ? [{ group: texts.media, actions: items }] : []),
    ...(saved.length > 0 ? [{ group: viewsTexts.label, actions: saved }] : []),
    ...(ofThisPage.length > 0 ? [{ group: texts.thisPage, actions: ofThisPage }] : []),
    // Only what is searched for: there are many.
    ...(query.trim() && elsewhere.length > 0 ? [{ group: texts.otherPages, actions: elsewhere }] : []),
    {
      group: globalGroup,
      actions: [
        {
          id: 'keys',
          label: texts.keys,
          leftSection: <IconKeyboard {...icon} />,
          rightSection: <KeyHint of={globalKeys} name="keys" />,
          onClick: () => requestAnimationFrame(() => openDialog('keys')),
        },
        {
          id: 'letters',
          label: letters ? texts.lettersOff : texts.lettersOn,
          leftSection: <IconKeyboard {...icon} />,
          onClick: () => letterKeys.set(!letters),
        },
        ...(['dark', 'light', 'auto'] as const).map((scheme) => ({
          id: `theme-${scheme}`,
          label: texts.useTheme[scheme],
          leftSection: <IconMoon {...icon} />,
          onClick: () => setColorScheme(scheme),
        })),
        {
          id: 'density',
          label: texts.rows[rows === 'compact' ? 'comfortable' : 'compact'],
          leftSection: <IconLineHeight {...icon} />,
          onClick: () => density.set(rows === 'compact' ? 'comfortable' : 'compact'),
        },
        {
          id: 'time-zone',
          label: texts.timeZone,
          leftSection: <IconClock {...icon} />,
          onClick: () => navigate('/settings#appearance'),
        },
        {
          id: 'fold',
          label: texts.fold,
          leftSection: <IconLayoutSidebar {...icon} />,
          onClick: () => navigationFolded.set((folded) => !folded),
        },
        {
          id: 'link',
          label: uiTexts.copyLink,
          leftSection: <IconLink {...icon} />,
          onClick: copyLink,
        },
        {
          id: 'docs',
          label: appTexts.navigation.docs,
          leftSection: <IconApi {...icon} />,
          onClick: () => location.assign(`${origin}${prefix}/docs`),
        },
        ...(session
          ? [
              {
                id: 'sign-out',
                label: sessionTexts.signOut,
                leftSection: <IconLogout {...icon} />,
                onClick: signOutOrNotify,
              },
            ]
          : []),
      ],
    },
  ];
  return (
    <Spotlight
      store={store}
      attributes={{ content: { 'aria-label': appTexts.navigation.palette } }}
      actions={filterGroups(actions, query)}
      filter={(_, found) => found}
      classNames={{ actionLabel: styles.label as string, actionDescription: styles.description as string }}
      shortcut={null}
      scrollable
      maxHeight={420}
      query={query}
      onQueryChange={setQuery}
      nothingFound={isSearching ? texts.searching : texts.nothing}
      searchProps={{
        leftSection: <IconSearch {...icon} />,
        placeholder: texts.placeholder,
        'aria-label': texts.placeholder,
        maxLength: longestText,
      }}
    />
  );
}
