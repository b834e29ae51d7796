import { Button, Code, Text } from '@mantine/core';
import { useRevalidator } from 'react-router';
import { EmptyState } from '#ui/empty-state.tsx';
import type { MlflowFault } from './loader.ts';
import styles from './no-model.module.css';
import { modelTexts } from './texts.ts';

/** Replaces a missing training: the reason, and what to do. */
export function NoModel({ fault: { kind, problem } }: { fault: MlflowFault }) {
  if (kind === 'notConfigured') return <NotConnected />;
  return (
    <EmptyState title={problem.error} text={problem.message}>
      <Text size="sm" c="dimmed">
        {modelTexts.request} <Code>{problem.instance}</Code>
      </Text>
      <TryAgain />
    </EmptyState>
  );
}

function TryAgain() {
  const { revalidate, state } = useRevalidator();
  return (
    <Button mt="xs" loading={state === 'loading'} onClick={() => void revalidate()}>
      {modelTexts.tryAgain}
    </Button>
  );
}

function NotConnected() {
  const { title, text, caption, variable, meaning, settings } = modelTexts.notConnected;
  return (
    <EmptyState title={title} text={text}>
      <table className={styles.settings} aria-label={caption}>
        <thead>
          <tr>
            <th scope="col">{variable}</th>
            <th scope="col">{meaning}</th>
          </tr>
        </thead>
        <tbody>
          {settings.map(([name, what]) => (
            <tr key={name}>
              <th scope="row">
                <code>{name}</code>
              </th>
              <td>{what}</td>
            </tr>
          ))}
        </tbody>
      </table>
    </EmptyState>
  );
}
