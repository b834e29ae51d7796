import { useDebouncedCallback } from '@mantine/hooks';
import { useEffect, useRef, useState } from 'react';

/**
 * A value being typed: shown at once, and sent after `delay` milliseconds without typing. A value that was sent and comes
 * back is ignored, however late and also if more was sent after it, because the user may have typed more; any other replaces
 * the text, such as after going back, unless text waits to be sent: what is typed wins. An unfinished value (`isWhole` false)
 * is shown and not sent.
 */
export function useDebouncedValue<T>(
  value: T,
  send: (draft: T) => void,
  delay: number,
): [draft: T, write: (draft: T, isWhole?: boolean) => void] {
  const [draft, setDraft] = useState(value);
  /** What was sent and has not come back, in this order; several of them can come back as one. */
  const sent = useRef([value]);
  const waits = useRef(false);
  const sendSoon = useDebouncedCallback((next: T) => {
    waits.current = false;
    sent.current.push(next);
    send(next);
  }, delay);
  useEffect(() => {
    const own = sent.current.indexOf(value);
    sent.current = own === -1 ? [] : sent.current.slice(own + 1);
    if (own === -1 && !waits.current) setDraft(value);
  }, [value]);
  const write = (next: T, isWhole = true) => {
    setDraft(next);
    waits.current = isWhole;
    if (isWhole) sendSoon(next);
    else sendSoon.cancel();
  };
  return [draft, write];
}
