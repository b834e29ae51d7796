import { Badge, Tooltip } from '@mantine/core';
import { meta } from '#shared/meta.ts';
import { useStore } from '#shared/store.ts';

/** Says that the titles are the demo catalogue, so that nobody takes them for their own. */
export function DemoBadge({ folded }: { folded: boolean }) {
  const facts = useStore(meta);
  if (!facts?.demo) return null;
  return (
    <Tooltip
      label="Real films with made-up labels, to try the console with. Start with --empty, or point it at your own database."
      multiline
      w={260}
      position="right"
      events={{ hover: true, focus: true, touch: true }}
    >
      <Badge
        variant="outline"
        color="yellow"
        c="var(--text-warning)"
        mx={folded ? 0 : 8}
        mb={6}
        tabIndex={0}
        style={{ cursor: 'help' }}
      >
        {folded ? 'demo' : 'demo catalogue'}
      </Badge>
    </Tooltip>
  );
}
