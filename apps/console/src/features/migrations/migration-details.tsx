import type { Migration } from '@at/contracts/migrations';
import { Copyable } from '#ui/copyable.tsx';
import { Fact, Facts } from '#ui/facts.tsx';
import { formatMoment, none } from '#ui/format.ts';
import { InlineCode } from '#ui/inline-code.tsx';
import styles from './migrations.module.css';
import { migrationsTexts as texts } from './texts.ts';

const copied = (value: number | null, what: string) => (value === null ? none : <Copyable value={value} what={what} />);

/** The explanation, the checksums and the time of a migration. */
export function MigrationDetails({ migration, explanation }: { migration: Migration; explanation: string }) {
  const { checksum, shipped_checksum, installed_on } = migration;
  const compared = checksum !== null && shipped_checksum !== null;
  return (
    <>
      <p className={styles.explanation}>
        <InlineCode>{explanation}</InlineCode>
      </p>
      <Facts look="plain">
        <Fact name={texts.details.recorded}>{copied(checksum, texts.details.recorded)}</Fact>
        <Fact name={texts.details.shipped}>
          {copied(shipped_checksum, texts.details.shipped)}{' '}
          {compared && (checksum === shipped_checksum ? texts.same : texts.notSame)}
        </Fact>
        <Fact name={texts.details.installed}>{installed_on === null ? none : formatMoment(installed_on)}</Fact>
      </Facts>
    </>
  );
}
