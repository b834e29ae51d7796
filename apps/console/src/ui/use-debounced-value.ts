import { useDebouncedCallback } from '@mantine/hooks';
import { useEffect, useRef, useState } from 'react';

/**
 * What is being typed: shown at once, and sent when the hand has rested for `delay` milliseconds. What comes back is not
 * taken in, or it would undo what was typed meanwhile; any other value is, such as after going back. What is only half
 * typed (`isWhole` false) is shown and not sent.
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
