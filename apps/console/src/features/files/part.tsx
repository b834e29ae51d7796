import { Group, Title } from '@mantine/core';
import type { ReactNode } from 'react';
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
