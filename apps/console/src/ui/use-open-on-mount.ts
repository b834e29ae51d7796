import { useEffect, useState } from 'react';

/**
 * For a dialog that is mounted to open it, because its code loads late. It opens just after mounting: otherwise it would not
 * give the focus back when it closes.
 */
export function useOpenOnMount(): [opened: boolean, close: () => void] {
  const [opened, setOpened] = useState(false);
  useEffect(() => setOpened(true), []);
  return [opened, () => setOpened(false)];
}
