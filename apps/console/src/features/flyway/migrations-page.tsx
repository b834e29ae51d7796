import { flywaySchemas } from '@at/contracts/flyway';
import { Alert, SegmentedControl, Text } from '@mantine/core';
import { IconInfoCircle } from '@tabler/icons-react';
import { useLoaderData, useLocation, useNavigate, useNavigation } from 'react-router';
import { Blank } from '#shared/blank.tsx';
import { CodedText } from '#shared/coded-text.tsx';
import { migrationKeys } from '#shared/key-map/migrations.ts';
import { useKeys } from '#shared/keys.ts';
import { Missing } from '#shared/missing.tsx';
import { PageTitle } from '#shared/page-title.tsx';
import { RefreshButton, useRefresh } from '#shared/refresh.tsx';
import { useSource } from '#shared/source.ts';
import { StateMark } from '#shared/state-mark.tsx';
import { explain, type FlywaySchema, keyOf, openMigrations, readView, summarize, tones, writeView } from './history.ts';
import { MigrationTable } from './migration-table.tsx';
import styles from './migrations.module.css';
import type { loader } from './route.ts';

const otherSchema = { public: 'console', console: 'public' } as const;

/** The history of a schema, what is wrong with it, and what to do. */
export function MigrationsPage() {
  const { at, url, view, migrations, keptBy, statesError } = useLoaderData<typeof loader>();
  const navigate = useNavigate();
  const location = useLocation();
  const { location: next } = useNavigation();
  const refresh = useRefresh();
  useSource(url);

  // The control follows the hand, also while the other history is still on its way.
  const wanted = next?.pathname === location.pathname ? readView(new URLSearchParams(next.search)).schema : view.schema;
  const showSchema = (schema: FlywaySchema) => navigate(writeView({ ...view, schema }));
  useKeys(migrationKeys, {
    refresh: () => void refresh(),
    schema: () => showSchema(otherSchema[wanted]),
    order: () => navigate(writeView({ ...view, order: view.order === 'asc' ? 'desc' : 'asc' })),
  });

  const open = openMigrations(migrations);
  return (
    <>
      <PageTitle name="Migrations">
        <RefreshButton at={at} refresh={refresh} />
      </PageTitle>
      <div className={styles.tools}>
        <SegmentedControl
          aria-label="Schema"
          data={[...flywaySchemas]}
          value={wanted}
          onChange={(value) => showSchema(value as FlywaySchema)}
        />
        {migrations.length > 0 && (
          <Text size="sm" c="dimmed" role="status">
            {summarize(migrations, view)}
          </Text>
        )}
      </div>

      {statesError !== undefined && (
        <div className={styles.note}>
          <Missing what="What this version ships, and so the state of each migration" error={statesError} />
        </div>
      )}
      {keptBy === 'another project' && (
        <Alert mb="md" variant="default" icon={<IconInfoCircle />} title="Another project keeps this history">
          Its files are not shipped here, so nothing is compared: what ran is shown as that project recorded it, and
          this product neither changes it nor adds to it.
        </Alert>
      )}
      {keptBy === null && (
        <Alert
          mb="md"
          variant="default"
          icon={<IconInfoCircle />}
          title={`Schema ${view.schema} has no migration history`}
        >
          Nobody has recorded a migration there. What this version ships for it is listed as pending.
        </Alert>
      )}
      {open.length > 0 && (
        <section className={styles.open} aria-labelledby="open">
          <h2 id="open">Wants attention</h2>
          <ul>
            {open.map((migration) => (
              <li key={keyOf(migration)}>
                <StateMark tone={tones[migration.state]}>{migration.state}</StateMark>
                <div>
                  <code>{migration.script}</code>
                  <div className={styles.explanation}>
                    <CodedText>{explain(migration, view.schema, keptBy)}</CodedText>
                  </div>
                </div>
              </li>
            ))}
          </ul>
        </section>
      )}

      {migrations.length > 0 ? (
        <MigrationTable migrations={migrations} view={view} keptBy={keptBy} />
      ) : (
        <Blank title="No migrations" text={`Schema ${view.schema} has none, and this version ships none for it.`} />
      )}
    </>
  );
}
