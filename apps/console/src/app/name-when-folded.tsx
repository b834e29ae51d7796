import { Tooltip } from '@mantine/core';
import type { ReactElement } from 'react';

/** Shows the name of what the folded navigation shows as an icon. Unfolded, it says its name, and needs no tooltip. */
export function NameWhenFolded({ name, folded, children }: { name: string; folded: boolean; children: ReactElement }) {
  if (!folded) return children;
  return (
    <Tooltip label={name} position="right">
      {children}
    </Tooltip>
  );
}
