import { Kbd, useMantineColorScheme } from '@mantine/core';
import { createSpotlight, Spotlight, type SpotlightActionGroupData } from '@mantine/spotlight';
import {
  IconApi,
  IconBolt,
  IconBookmark,
  IconKeyboard,
  IconLayoutSidebar,
  IconLink,
  IconMoon,
  IconSearch,
} from '@tabler/icons-react';
import { useEffect } from 'react';
import { useNavigate } from 'react-router';
import { config } from '#shared/config.ts';
import { copyText } from '#shared/copy.ts';
import { addressOf } from '#shared/default-views.ts';
import { KeyHint } from '#shared/key-hint.tsx';
import { everywhereKeys, pageKeys } from '#shared/key-map/everywhere.ts';
import { everywhere, keyCap, keyGroups, letterKeys } from '#shared/keys.ts';
import { pages } from '#shared/pages.ts';
import { useStore } from '#shared/store.ts';
import { viewsTexts } from '#shared/texts/views.ts';
import { loadViews, viewAddress, views } from '#shared/views.ts';
import { openDialog } from './dialogs.tsx';
import { navigationFolded } from './preferences.ts';

const [store, spotlight] = createSpotlight();

const icon = { size: 18, stroke: 1.6 };

/** Pages and actions by name: everything a key or a click can do, found by typing. */
export function Palette({ opening }: { opening: number }) {
  const navigate = useNavigate();
  const groups = useStore(keyGroups);
  const letters = useStore(letterKeys);
  const { setColorScheme } = useMantineColorScheme();

  useEffect(() => {
    if (opening > 0) spotlight.open();
    // Those known stay offered where the API is away.
    loadViews().catch(() => {});
  }, [opening]);

  const ofThisPage = groups
    .filter(({ title }) => title !== everywhere)
    .flatMap(({ title, bindings }) =>
      bindings.map(({ label, keys, run }) => ({
        id: `${title} ${label}`,
        label,
        leftSection: <IconBolt {...icon} />,
        rightSection: keys[0] && <Kbd>{keyCap(keys[0])}</Kbd>,
        // After the palette has gone, so that a dialog the action opens is not closed with it.
        onClick: () => requestAnimationFrame(run),
      })),
    );
  const saved = (useStore(views) ?? []).map((view) => ({
    id: view.id,
    label: view.name,
    description: pages.find(({ path }) => path === `/${view.page}`)?.name ?? view.page,
    leftSection: <IconBookmark {...icon} />,
    onClick: () => navigate(viewAddress(view)),
  }));
  const actions: SpotlightActionGroupData[] = [
    {
      group: 'Pages',
      actions: pages.map(({ path, name, purpose, Icon }) => ({
        id: path,
        label: name,
        description: purpose,
        leftSection: <Icon {...icon} />,
        rightSection: <KeyHint of={pageKeys} name={path} />,
        onClick: () => navigate(addressOf(path)),
      })),
    },
    ...(saved.length > 0 ? [{ group: viewsTexts.label, actions: saved }] : []),
    ...(ofThisPage.length > 0 ? [{ group: 'This page', actions: ofThisPage }] : []),
    {
      group: everywhere,
      actions: [
        {
          id: 'keys',
          label: 'Keys of this page',
          leftSection: <IconKeyboard {...icon} />,
          rightSection: <KeyHint of={everywhereKeys} name="keys" />,
          onClick: () => requestAnimationFrame(() => openDialog('keys')),
        },
        {
          id: 'letters',
          label: letters ? 'Switch single-letter keys off' : 'Switch single-letter keys on',
          leftSection: <IconKeyboard {...icon} />,
          onClick: () => letterKeys.set(!letters),
        },
        ...(['dark', 'light', 'auto'] as const).map((scheme) => ({
          id: `theme-${scheme}`,
          label: scheme === 'auto' ? "Use the system's theme" : `Use the ${scheme} theme`,
          leftSection: <IconMoon {...icon} />,
          onClick: () => setColorScheme(scheme),
        })),
        {
          id: 'fold',
          label: 'Fold or unfold the navigation',
          leftSection: <IconLayoutSidebar {...icon} />,
          onClick: () => navigationFolded.set((folded) => !folded),
        },
        {
          id: 'link',
          label: 'Copy the link to this page',
          leftSection: <IconLink {...icon} />,
          onClick: () => void copyText(location.href, 'Link'),
        },
        {
          id: 'docs',
          label: 'API docs',
          leftSection: <IconApi {...icon} />,
          onClick: () => location.assign(`${config.origin}${config.prefix}/docs`),
        },
      ],
    },
  ];
  return (
    <Spotlight
      store={store}
      attributes={{ content: { 'aria-label': 'Command palette' } }}
      actions={actions}
      shortcut={null}
      highlightQuery
      scrollable
      maxHeight={420}
      nothingFound="Nothing of that name"
      searchProps={{
        leftSection: <IconSearch {...icon} />,
        placeholder: 'Go to a page, or do something',
        'aria-label': 'Go to a page, or do something',
      }}
    />
  );
}
