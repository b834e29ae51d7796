import { Drawer } from '@mantine/core';
import { Legend } from './legend.tsx';

/** What the signs of this page mean, beside the page. */
export function LegendDrawer({ onClose }: { onClose: () => void }) {
  return (
    <Drawer opened onClose={onClose} position="right" title="Legend">
      <Legend />
    </Drawer>
  );
}
