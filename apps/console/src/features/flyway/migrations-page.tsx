import { flywaySchemas } from '@at/contracts/flyway';
import { Alert, Group, SegmentedControl, Text } from '@mantine/core';
import { IconInfoCircle } from '@tabler/icons-react';
import { useLoaderData } from 'react-router';
import { Blank } from '#shared/blank.tsx';
import { CodedText } from '#shared/coded-text.tsx';
import { ColumnChooser, useColumns } from '#shared/columns.tsx';
import { ExportRows } from '#shared/export-menu.tsx';
import { migrationKeys } from '#shared/key-map/migrations.ts';
import { useKeys } from '#shared/keys.ts';
import { Missing } from '#shared/missing.tsx';
import { PageTitle } from '#shared/page-title.tsx';
import { RefreshButton, useRefresh } from '#shared/refresh.tsx';
import { useSource } from '#shared/source.ts';
import { StateMark } from '#shared/state-mark.tsx';
import { migrationsTexts as texts } from '#shared/texts/migrations.ts';
import { useView } from '#shared/use-view.ts';
import { migrationFormats } from './export.ts';
import { explain, type FlywaySchema, keyOf, openMigrations, readView, summarize, tones, writeView } from './history.ts';
import { migrationColumns } from './migration-columns.tsx';
import { MigrationTable } from './migration-table.tsx';
import styles from './migrations.module.css';
import type { loader } from './route.ts';

/** The one after it, and after the last the first. */
const nextSchema = (schema: FlywaySchema) =>
  flywaySchemas[(flywaySchemas.indexOf(schema) + 1) % flywaySchemas.length] as FlywaySchema;

/** The history of a schema, what is wrong with it, and what to do. */
export function MigrationsPage() {
  const { at, url, view: loaded, migrations, keptBy, statesError } = useLoaderData<typeof loader>();
  const { view, change } = useView(loaded, { read: readView, write: writeView });
  const refresh = useRefresh();
  useSource(url);

  useKeys(migrationKeys, {
    refresh: () => void refresh(),
    schema: () => change({ schema: nextSchema(view.schema) }),
    order: () => change({ order: view.order === 'asc' ? 'desc' : 'asc' }),
  });

  const columns = useColumns('migrations', migrationColumns);
  const open = openMigrations(migrations);
  return (
    <>
      <PageTitle name={texts.name}>
        <RefreshButton at={at} refresh={refresh} />
      </PageTitle>
      <div className={styles.tools}>
        <SegmentedControl
          aria-label={texts.schema}
          data={[...flywaySchemas]}
          value={view.schema}
          onChange={(value) => change({ schema: value as FlywaySchema })}
        />
        {migrations.length > 0 && (
          <>
            <Text size="sm" c="dimmed" role="status" className={styles.summary ?? ''}>
              {summarize(migrations, loaded)}
            </Text>
            <Group gap={8}>
              <ExportRows
                name={`migrations-${loaded.schema.replaceAll(' ', '-')}`}
                rows={migrations}
                formats={migrationFormats}
              />
              <ColumnChooser columns={columns} />
            </Group>
          </>
        )}
      </div>

      {statesError !== undefined && (
        <div className={styles.note}>
          <Missing what={texts.notCompared} error={statesError} />
        </div>
      )}
      {keptBy === 'another project' && (
        <Alert mb="md" variant="default" icon={<IconInfoCircle />} title={texts.otherProject.title}>
          {texts.otherProject.text}
        </Alert>
      )}
      {keptBy === null && (
        <Alert mb="md" variant="default" icon={<IconInfoCircle />} title={texts.noHistory.title(loaded.schema)}>
          {texts.noHistory.text}
        </Alert>
      )}
      {open.length > 0 && (
        <section className={styles.open} aria-labelledby="open">
          <h2 id="open">{texts.attention}</h2>
          <ul>
            {open.map((migration) => (
              <li key={keyOf(migration)}>
                <StateMark tone={tones[migration.state]}>{texts.states[migration.state]}</StateMark>
                <div>
                  <code>{migration.script}</code>
                  <div className={styles.explanation}>
                    <CodedText>{explain(migration, loaded.schema, keptBy)}</CodedText>
                  </div>
                </div>
              </li>
            ))}
          </ul>
        </section>
      )}

      {migrations.length > 0 ? (
        <MigrationTable migrations={migrations} columns={columns.shown} view={loaded} asked={view} keptBy={keptBy} />
      ) : (
        <Blank title={texts.none.title} text={texts.none.text(loaded.schema)} />
      )}
    </>
  );
}
