import { flywaySchemas } from '@at/contracts/migrations';
import { Alert, Group, SegmentedControl, Text } from '@mantine/core';
import { IconInfoCircle } from '@tabler/icons-react';
import { Link, useLoaderData } from 'react-router';
import { useSource } from '#api/page-request.ts';
import { useKeys } from '#keys/bindings.ts';
import { ColumnChooser, useColumns } from '#lists/columns.tsx';
import { DataTable } from '#lists/data-table.tsx';
import { ExportRows } from '#lists/export-menu.tsx';
import { useView } from '#lists/use-view.ts';
import { RefreshButton, useRefresh } from '#live/refresh.tsx';
import { PageTitle } from '#pages/page-title.tsx';
import { EmptyState } from '#ui/empty-state.tsx';
import { shownName } from '#ui/format.ts';
import { InlineCode } from '#ui/inline-code.tsx';
import { LoadFailure } from '#ui/load-failure.tsx';
import { RelativeTime } from '#ui/relative-time.tsx';
import { Status } from '#ui/status.tsx';
import { migrationFormats } from './export.ts';
import { explain, keyOf, type lastOf, openMigrations, summarize, tones } from './history.ts';
import { migrationKeys } from './keys.ts';
import type { loader } from './loader.ts';
import { migrationColumns } from './migration-columns.tsx';
import { MigrationDetails } from './migration-details.tsx';
import styles from './migrations.module.css';
import { migrationsTexts as texts } from './texts.ts';
import { type FlywaySchema, type FlywaySort, migrationsView, sortBy } from './view.ts';

const nextSchema = (schema: FlywaySchema) =>
  flywaySchemas[(flywaySchemas.indexOf(schema) + 1) % flywaySchemas.length] as FlywaySchema;

/** What ran last, over all histories, and when. */
function LastMigration({ last }: { last: ReturnType<typeof lastOf> }) {
  if (!last) return <p className={styles.last}>{texts.last.unknown}</p>;
  const { schema, row } = last;
  const name = row.version === null ? row.description : texts.last.version(row.version);
  const to = `/migrations?${migrationsView.write({ ...migrationsView.initial, schema, sort: 'installed_on' })}`;
  return (
    <p className={styles.last}>
      {texts.last.name} <Link to={to}>{texts.last.of(name, texts.owners[schema])}</Link>,{' '}
      <RelativeTime at={row.installed_on} />{' '}
      <Status tone={row.success ? 'good' : 'bad'}>{row.success ? texts.states.applied : texts.states.failed}</Status>
    </p>
  );
}

/** The migrations of a schema, those that need attention, and what to do. */
export function MigrationsPage() {
  const {
    at,
    url,
    view: loaded,
    migrations,
    keptBy,
    last,
    platformSchema,
    statesError,
  } = useLoaderData<typeof loader>();
  const { view, change } = useView(loaded, migrationsView);
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
      <PageTitle page={texts.name}>
        <RefreshButton at={at} refresh={refresh} />
      </PageTitle>
      <LastMigration last={last} />
      <div className={styles.tools}>
        <SegmentedControl
          aria-label={texts.schema}
          data={flywaySchemas.map((value) => ({ value, label: value === 'public' ? platformSchema : value }))}
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
          <LoadFailure what={texts.notCompared} error={statesError} />
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
                <Status tone={tones[migration.state]}>{texts.states[migration.state]}</Status>
                <div>
                  <code>{shownName(migration.script)}</code>
                  <div className={styles.explanation}>
                    <InlineCode>{explain(migration, loaded.schema, keptBy)}</InlineCode>
                  </div>
                </div>
              </li>
            ))}
          </ul>
        </section>
      )}

      {migrations.length > 0 ? (
        <DataTable
          rows={migrations}
          keyOf={keyOf}
          columns={columns.shown}
          sorting={{
            by: view.sort,
            order: view.order,
            searchOf: (sort: FlywaySort) => migrationsView.write(sortBy(view, sort)),
          }}
          details={{
            nameOf: ({ script }) => texts.detailsOf(script),
            show: (migration) => (
              <MigrationDetails migration={migration} explanation={explain(migration, loaded.schema, keptBy)} />
            ),
          }}
        />
      ) : (
        <EmptyState title={texts.none.title} text={texts.none.text(loaded.schema)} />
      )}
    </>
  );
}
