import { Drawer } from '@mantine/core';
import { useOpenOnMount } from '#ui/use-open-on-mount.ts';
import { Legend } from './legend.tsx';

/** What the signs of this page mean, beside the page; mounted anew each time it is opened. */
export function LegendDrawer() {
  const [opened, close] = useOpenOnMount();
  return (
    <Drawer opened={opened} onClose={close} position="right" title="Legend">
      <Legend />
    </Drawer>
  );
}
