import { createView } from '@at/contracts/views';
import { Button, Menu, Text } from '@mantine/core';
import { IconBookmark, IconCheck } from '@tabler/icons-react';
import { Suspense, useState } from 'react';
import { useLocation, useNavigate } from 'react-router';
import { useRefusal } from '#api/session.ts';
import { lazyPart } from '#live/lazy-part.ts';
import { defaultViews, openWith } from '#pages/default-views.ts';
import { usePages } from '#pages/define-page.ts';
import { useStore } from '#state/store.ts';
import { isolate } from '#ui/format.ts';
import { leaveMenu } from '#ui/leave-menu.ts';
import { MenuButton } from '#ui/menu-button.tsx';
import { notify } from '#ui/notify.tsx';
import styles from './saved-views.module.css';
import { viewsTexts } from './saved-views.texts.ts';
import { filterIn, loadViews, useSavedViews, viewAddress } from './saved-views.ts';

const SaveDialog = lazyPart(() => import('./saved-view-dialogs.tsx'), 'SaveDialog', 'dialog');
const ManageDialog = lazyPart(() => import('./saved-view-dialogs.tsx'), 'ManageDialog', 'dialog');

/**
 * The menu of a page's saved views: opens one, saves the filter that is set, and says which the page opens with. `page`
 * is the first part of its path.
 */
export function SavedViews({ page }: { page: string }) {
  const { search } = useLocation();
  const navigate = useNavigate();
  const all = useSavedViews();
  const defaults = useStore(defaultViews);
  const [failed, setFailed] = useState(false);
  const refusal = useRefusal(createView.config.role);
  const [dialog, setDialog] = useState<{ kind: 'save' | 'manage'; opening: number }>();
  const open = (kind: 'save' | 'manage') => {
    leaveMenu();
    setDialog((before) => ({ kind, opening: (before?.opening ?? 0) + 1 }));
  };

  const filter = filterIn(search);
  const ofPage = all?.filter((view) => view.page === page) ?? [];
  const current = ofPage.find((view) => filterIn(view.query) === filter);
  const { pages } = usePages();
  const name = pages.find(({ path }) => path === `/${page}`)?.name ?? page;
  const isDefault = filterIn(defaults[page] ?? '') === filter;
  const load = () =>
    loadViews().then(
      () => setFailed(false),
      () => setFailed(true),
    );
  return (
    <>
      <MenuButton
        position="bottom-end"
        onOpen={() => void load()}
        button={
          <Button
            variant={current ? 'light' : 'default'}
            leftSection={<IconBookmark size={16} />}
            className={styles.button ?? ''}
            aria-label={current ? viewsTexts.current(isolate(current.name)) : viewsTexts.views}
          >
            <span className={styles.name}>
              {current ? viewsTexts.current(isolate(current.name)) : viewsTexts.views}
            </span>
          </Button>
        }
      >
        <Menu.Dropdown maw="min(360px, calc(100vw - 10px))">
          <Menu.Label>{viewsTexts.label}</Menu.Label>
          {ofPage.map((view) => (
            <Menu.Item
              key={view.id}
              aria-current={view === current || undefined}
              classNames={{ itemLabel: styles.label ?? '' }}
              leftSection={view === current ? <IconCheck size={16} /> : <span className={styles.space} />}
              onClick={() => void navigate(viewAddress(view))}
            >
              <bdi className={styles.name}>{view.name}</bdi>
              {view.shared && (
                <Text size="xs" c="dimmed" className={styles.name ?? ''}>
                  {viewsTexts.sharedBy(isolate(view.owner))}
                </Text>
              )}
            </Menu.Item>
          ))}
          {ofPage.length === 0 && <Menu.Label>{failed ? viewsTexts.notLoaded : all && viewsTexts.none}</Menu.Label>}
          <Menu.Divider />
          <Menu.Item disabled={refusal !== null} onClick={() => open('save')}>
            {viewsTexts.save}
          </Menu.Item>
          {ofPage.length > 0 && (
            <Menu.Item disabled={refusal !== null} onClick={() => open('manage')}>
              {viewsTexts.manage}
            </Menu.Item>
          )}
          {refusal && <Menu.Label>{refusal}</Menu.Label>}
          <Menu.CheckboxItem
            checked={isDefault}
            onChange={(checked) => {
              openWith(page, checked && filter !== '' ? filter : null);
              notify(checked && filter !== '' ? viewsTexts.opensNow(name) : viewsTexts.opensDefault(name));
            }}
          >
            {viewsTexts.opensWith(name)}
          </Menu.CheckboxItem>
        </Menu.Dropdown>
      </MenuButton>
      <Suspense>
        {dialog?.kind === 'save' && <SaveDialog key={dialog.opening} page={page} filter={filter} />}
        {dialog?.kind === 'manage' && <ManageDialog key={dialog.opening} page={page} filter={filter} />}
      </Suspense>
    </>
  );
}
