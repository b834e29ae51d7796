import { Group, Text, Title } from '@mantine/core';
import type { ReactNode } from 'react';
import { Status } from '#ui/status.tsx';
import styles from './files.module.css';

/** A part of the page with its heading; `tools` stand beside that. */
export function PagePart({
  id,
  title,
  tools,
  children,
}: {
  id: string;
  title: string;
  tools?: ReactNode;
  children: ReactNode;
}) {
  return (
    <section className={styles.part} aria-labelledby={id}>
      <Group justify="space-between" mb={8}>
        <Title order={2} id={id}>
          {title}
        </Title>
        {tools}
      </Group>
      {children}
    </section>
  );
}

/** What is good to know beside something else. */
export const Aside = ({ children }: { children: ReactNode }) => (
  <Text size="xs" c="dimmed" style={{ overflowWrap: 'anywhere' }}>
    {children}
  </Text>
);

/** That a step failed, and why. */
export const Failed = ({ title, children }: { title: string; children: ReactNode }) => (
  <>
    <Status tone="bad">{title}</Status>
    <Aside>{children}</Aside>
  </>
);
