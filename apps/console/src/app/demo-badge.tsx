import { Badge, Tooltip } from '@mantine/core';
import { useServerInfo } from '#api/server-info.ts';
import { appTexts } from './texts.ts';

const texts = appTexts.demo;

/** Shows that the titles come from the demo catalogue. */
export function DemoBadge({ folded = false }: { folded?: boolean }) {
  const facts = useServerInfo();
  if (!facts?.demo) return null;
  return (
    <Tooltip label={texts.hint} multiline w={260} position="right" events={{ hover: true, focus: true, touch: true }}>
      <Badge
        variant="outline"
        color="yellow"
        c="var(--text-warning)"
        mx={folded ? 0 : 8}
        mb={6}
        tabIndex={0}
        style={{ cursor: 'help', flex: 'none' }}
      >
        {folded ? texts.short : texts.long}
      </Badge>
    </Tooltip>
  );
}
