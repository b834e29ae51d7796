import { Drawer } from '@mantine/core';
import { useOpenOnMount } from '#ui/use-open-on-mount.ts';
import { Legend } from './legend.tsx';

/** The page's legend as a drawer; mounted each time it opens. */
export function LegendDrawer() {
  const [opened, close] = useOpenOnMount();
  return (
    <Drawer opened={opened} onClose={close} position="right" title="Legend">
      <Legend />
    </Drawer>
  );
}
