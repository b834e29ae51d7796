import { Group, Text, Title } from '@mantine/core';
import type { ReactNode } from 'react';
import { Hint } from './hint.tsx';
import { pages } from './pages.ts';

/** The page's heading, what the page is for, and the tools beside it; also names the browser tab. */
export function PageTitle({ name, children }: { name: string; children?: ReactNode }) {
  const { path, purpose } = pages.find((page) => page.name === name) ?? {};
  return (
    <>
      <Group justify="space-between" mb="md" gap="sm" mih={36}>
        <title>{`${name} · center console`}</title>
        <div>
          <Title order={1}>{name}</Title>
          {purpose && (
            <Text size="sm" c="dimmed" visibleFrom="sm">
              {purpose}
            </Text>
          )}
        </div>
        <Group gap="sm">{children}</Group>
      </Group>
      {path && <Hint path={path} />}
    </>
  );
}
