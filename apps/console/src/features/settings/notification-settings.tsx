import { Switch } from '@mantine/core';
import { useState } from 'react';
import { wantsNotifications } from '#state/notifications.ts';
import { useStore } from '#state/store.ts';
import { settingsTexts as texts } from './texts.ts';

/** Why this browser cannot notify; undefined: it can. */
function refusalNow(): string | undefined {
  if (!window.isSecureContext) return texts.noNotifications.insecure;
  if (!('Notification' in window)) return texts.noNotifications.unknown;
  return Notification.permission === 'denied' ? texts.noNotifications.denied : undefined;
}

/** Shows what a notification looks like. Browsers of phones know the class, and refuse to make one. */
function tryNotification(): string | undefined {
  try {
    new Notification(texts.notificationsOn, { tag: 'on' });
    return undefined;
  } catch {
    return texts.noNotifications.unknown;
  }
}

export function NotificationSettings() {
  const isWanted = useStore(wantsNotifications);
  const [refusal, setRefusal] = useState(refusalNow);
  const choose = async (wanted: boolean) => {
    // default: the question was closed without an answer, and may be asked again.
    const permission = wanted ? await Notification.requestPermission() : 'default';
    const reason = permission === 'granted' ? tryNotification() : refusalNow();
    setRefusal(reason);
    wantsNotifications.set(permission === 'granted' && reason === undefined);
  };
  return (
    <Switch
      label={texts.notify}
      description={refusal ?? texts.notifyDescription}
      checked={isWanted && refusal === undefined}
      disabled={refusal !== undefined}
      onChange={(event) => void choose(event.currentTarget.checked)}
    />
  );
}
