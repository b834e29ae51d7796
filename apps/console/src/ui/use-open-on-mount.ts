import { useEffect, useState } from 'react';

/**
 * For a dialog that opens by being mounted, as its code is loaded late: opened just after, because only what is seen to
 * open gives the focus back when it closes.
 */
export function useOpenOnMount(): [opened: boolean, close: () => void] {
  const [opened, setOpened] = useState(false);
  useEffect(() => setOpened(true), []);
  return [opened, () => setOpened(false)];
}
