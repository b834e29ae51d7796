import type { Migration } from '@at/contracts/migrations';
import { ActionIcon } from '@mantine/core';
import { IconCopy } from '@tabler/icons-react';
import { copyText } from '#ui/copy-text.ts';
import { formatMoment, none } from '#ui/format.ts';
import { InlineCode } from '#ui/inline-code.tsx';
import styles from './migrations.module.css';
import { migrationsTexts as texts } from './texts.ts';

/** The explanation, the checksums and the time of a migration. */
export function MigrationDetails({ migration, explanation }: { migration: Migration; explanation: string }) {
  const { checksum, shipped_checksum, installed_on } = migration;
  const compared = checksum !== null && shipped_checksum !== null;
  return (
    <>
      <p className={styles.explanation}>
        <InlineCode>{explanation}</InlineCode>
      </p>
      <dl className={styles.details}>
        <dt>{texts.details.recorded}</dt>
        <dd>
          <Checksum value={checksum} />
        </dd>
        <dt>{texts.details.shipped}</dt>
        <dd>
          <Checksum value={shipped_checksum} />
          {compared && (checksum === shipped_checksum ? texts.same : texts.notSame)}
        </dd>
        <dt>{texts.details.installed}</dt>
        <dd>{installed_on === null ? none : formatMoment(installed_on)}</dd>
      </dl>
    </>
  );
}

function Checksum({ value }: { value: number | null }) {
  if (value === null) return none;
  return (
    <>
      <code>{value}</code>
      <ActionIcon
        variant="subtle"
        color="gray"
        aria-label={texts.copyChecksum(String(value))}
        onClick={() => void copyText(String(value), texts.checksum)}
      >
        <IconCopy size={15} stroke={1.8} />
      </ActionIcon>
    </>
  );
}
