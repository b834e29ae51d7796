import { Button, Paper, Text, TextInput, Title } from '@mantine/core';
import { type FormEvent, useEffect, useRef, useState } from 'react';
import { sessionTexts } from '#api/session.texts.ts';
import { currentSession, refreshSession, signIn } from '#api/session.ts';
import { recordSignedIn } from '#api/sign-in-required.ts';
import { countEntries } from '#outbox/entry-store.ts';
import { formatInteger } from '#ui/format.ts';
import styles from './sign-in.module.css';
import { useLoadAgain } from './use-load-again.ts';

/** Replaces the page until a user has signed in; the address stays. */
export function SignInPage() {
  const loadAgain = useLoadAgain();
  const input = useRef<HTMLInputElement>(null);
  const [error, setError] = useState<string | null>(null);
  const [isBusy, setBusy] = useState(false);
  const [unsent, setUnsent] = useState(0);

  useEffect(() => {
    void countEntries().then(setUnsent);
  }, []);

  // The user may have signed in in another tab.
  useEffect(() => {
    const look = async () => {
      if (document.visibilityState !== 'visible') return;
      await refreshSession();
      if (!currentSession()) return;
      await loadAgain();
      recordSignedIn();
    };
    document.addEventListener('visibilitychange', look);
    return () => document.removeEventListener('visibilitychange', look);
  }, [loadAgain]);

  const submit = async (event: FormEvent) => {
    event.preventDefault();
    const key = input.current?.value ?? '';
    if (key === '') return setError(sessionTexts.empty);
    setBusy(true);
    try {
      await signIn(key);
      // The page failed without a key: load it before this one closes.
      await loadAgain();
      recordSignedIn();
    } catch (failure) {
      setError(failure instanceof Error ? failure.message : String(failure));
      setBusy(false);
      input.current?.focus();
    }
  };

  return (
    <Paper className={styles.card ?? ''} withBorder>
      <title>{`${sessionTexts.title} · center console`}</title>
      <form onSubmit={submit} className={styles.form}>
        <Title order={1}>{sessionTexts.title}</Title>
        <Text c="dimmed">{sessionTexts.purpose}</Text>
        {unsent > 0 && <Text>{sessionTexts.unsent(formatInteger(unsent))}</Text>}
        <TextInput
          ref={input}
          type="password"
          name="key"
          autoComplete="current-password"
          label={sessionTexts.key}
          description={sessionTexts.keyHint}
          error={error}
          errorProps={{ role: 'alert' }}
          onChange={() => setError(null)}
          data-autofocus
          autoFocus
        />
        <Button type="submit" loading={isBusy}>
          {sessionTexts.signIn}
        </Button>
      </form>
    </Paper>
  );
}
