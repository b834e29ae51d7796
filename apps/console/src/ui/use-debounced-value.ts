import { useDebouncedCallback } from '@mantine/hooks';
import { useEffect, useRef, useState } from 'react';

/**
 * A value being typed: shown at once, and sent after `delay` milliseconds without typing. A value that was sent and comes
 * back is ignored, because the user may have typed more; any other replaces the text, such as after going back. An
 * unfinished value (`isWhole` false) is shown and not sent.
 */
export function useDebouncedValue<T>(
  value: T,
  send: (draft: T) => void,
  delay: number,
): [draft: T, write: (draft: T, isWhole?: boolean) => void] {
  const [draft, setDraft] = useState(value);
  const sent = useRef(value);
  const sendSoon = useDebouncedCallback((next: T) => {
    sent.current = next;
    send(next);
  }, delay);
  useEffect(() => {
    if (value === sent.current) return;
    sendSoon.cancel();
    sent.current = value;
    setDraft(value);
  }, [value]);
  const write = (next: T, isWhole = true) => {
    setDraft(next);
    if (isWhole) sendSoon(next);
    else sendSoon.cancel();
  };
  return [draft, write];
}
