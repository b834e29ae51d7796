import { Anchor, Button, Group, Text } from '@mantine/core';
import { type NotificationData, Notifications, notifications } from '@mantine/notifications';
import type { ReactNode } from 'react';
import { basePath } from '#state/base-path.ts';
import { once } from './double-clicks.ts';
import { requestIdOf } from './load-failure.tsx';
import { uiTexts as texts } from './texts.ts';
import styles from './toasts.module.css';

/** The messages of `notify.tsx`. */

export function Toasts() {
  return (
    <Notifications
      classNames={{ root: styles.place ?? '', notification: styles.message ?? '' }}
      position="bottom-right"
      // Above drawers (200), below menus (300).
      zIndex={250}
      // None is queued: it would be out of date when it is shown.
      limit={Number.POSITIVE_INFINITY}
    />
  );
}

type Kind = 'undo' | 'message' | 'error';

/** Milliseconds; with Undo a user has time to read, and to reach the button. */
const shownFor = { undo: 20_000, message: 8_000 };
/**
 * More would hide the page: the oldest is removed. Messages with Undo stay their full time, and their container scrolls,
 * because a user may want to undo an earlier one.
 */
const atOnce = { undo: Number.POSITIVE_INFINITY, message: 3, error: 3 } satisfies Record<Kind, number>;
let made = 0;
/** Messages on the screen, oldest first. */
let shown: { id: string; kind: Kind; data: NotificationData }[] = [];

/** The focused element before a key moved the focus to the messages. */
let cameFrom: Element | null = null;

const holdsFocus = (id: string) => document.getElementById(id)?.contains(document.activeElement) === true;

function goBack(): void {
  if (cameFrom instanceof HTMLElement) cameFrom.focus({ preventScroll: true });
  cameFrom = null;
}

/** Moves the focus to the latest Undo or else the latest message, and from a message back. */
export function focusLatest(): void {
  if (shown.some(({ id }) => holdsFocus(id))) {
    goBack();
    return;
  }
  const latest = shown.findLast(({ kind }) => kind === 'undo') ?? shown.at(-1);
  if (!latest) return;
  cameFrom = document.activeElement;
  document.getElementById(latest.id)?.querySelector('button')?.focus();
}

function show(kind: Kind, id: string, parts: NotificationData): void {
  const alike = shown.filter((other) => other.kind === kind);
  const [oldest] = alike;
  if (oldest && alike.length >= atOnce[kind]) notifications.hide(oldest.id);
  // It stays: otherwise the end of a page would move when a message goes.
  document.documentElement.dataset.messages = '';
  const data: NotificationData = {
    ...parts,
    id,
    withBorder: true,
    closeButtonProps: { 'aria-label': texts.dismiss },
    // It stays while it has the focus, as under the pointer.
    onFocus: () => notifications.update({ ...data, autoClose: false }),
    onBlur: () => notifications.update(data),
    onClose: () => {
      if (holdsFocus(id)) goBack();
      shown = shown.filter((other) => other.id !== id);
      parts.onClose?.(data);
    },
  };
  shown = [...shown, { id, kind, data }];
  notifications.show(data);
}

/** On another page the errors of this one last as long as messages do. */
export function leavePage(): void {
  for (const { id, kind, data } of shown) {
    if (kind !== 'error') continue;
    data.autoClose = shownFor.message;
    if (!holdsFocus(id)) notifications.update(data);
  }
}

function newId(): string {
  made += 1;
  return `message-${made}`;
}

/** Characters that fit the usual strip. */
const short = 80;
const lengthOf = (text: string) => (text.length > short ? { 'data-long': true } : {});

/** The text of a message, and its button, which closes it. */
function withButton(id: string, text: ReactNode, label: string, run: (() => void) | undefined) {
  return (
    <Group justify="space-between" wrap="nowrap">
      <Text size="sm" c="var(--mantine-color-text)" style={{ overflowWrap: 'anywhere' }}>
        {text}
      </Text>
      {run && (
        <Button
          flex="none"
          size="compact-sm"
          variant="light"
          // The next message moves into its place.
          {...once}
          onClick={() => {
            notifications.hide(id);
            run();
          }}
        >
          {label}
        </Button>
      )}
    </Group>
  );
}

/** Returns what closes the message. */
export function showMessage(message: string, undo?: () => void, onClosed?: () => void): () => void {
  const id = newId();
  show(undo ? 'undo' : 'message', id, {
    role: 'status',
    ...(onClosed && { onClose: onClosed }),
    autoClose: undo ? shownFor.undo : shownFor.message,
    ...lengthOf(message),
    message: withButton(id, message, texts.undo, undo),
  });
  return () => void notifications.hide(id);
}

/** What the API says to programs about a step that has failed: people get a link to its run. */
const runAdvice = / GET \S+\/runs\/([\w-]+) has its steps and attempts\./;

export function showError(title: string, error: unknown, retry?: () => void, label: string = texts.tryAgain): void {
  const id = newId();
  const said = error instanceof Error ? error.message : String(error);
  const [advice = '', failed] = runAdvice.exec(said) ?? [];
  const requestId = failed === undefined ? requestIdOf(error) : undefined;
  const text = `${said.replace(advice, '')}${requestId ? texts.request(requestId) : ''}`;
  const shown =
    failed === undefined ? (
      text
    ) : (
      <>
        {text}{' '}
        <Anchor inherit href={`${basePath}runs/${failed}`}>
          {texts.openRun}
        </Anchor>
      </>
    );
  show('error', id, {
    autoClose: false,
    color: 'red',
    role: 'alert',
    title,
    ...lengthOf(`${title} ${text}`),
    message: withButton(id, shown, label, retry),
  });
}
