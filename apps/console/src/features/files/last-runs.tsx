import { Group } from '@mantine/core';
import { useQuery } from '@tanstack/react-query';
import { Link } from 'react-router';
import { queryClient } from '#api/query-client.ts';
import { taskName } from '#runs/describe-run.ts';
import { RunLink } from '#runs/run-link.tsx';
import { StateMark, Subject } from '#runs/run-parts.tsx';
import { Aside } from '#ui/aside.tsx';
import { Fact, Facts } from '#ui/facts.tsx';
import { LoadFailure } from '#ui/load-failure.tsx';
import { RelativeTime } from '#ui/relative-time.tsx';
import { PagePart } from './part.tsx';
import { fileTasks, lastRuns } from './queries.ts';
import { filesTexts as texts } from './texts.ts';

/** The latest runs of the pipeline, with a link to all. */
export function LastRuns() {
  const { data, error, refetch } = useQuery(lastRuns, queryClient);
  return (
    <PagePart id="last-runs" title={texts.runs}>
      {!data && error && <LoadFailure what={texts.what.runs} error={error} retry={refetch} />}
      {data?.runs.length === 0 && texts.noRuns}
      {data && data.runs.length > 0 && (
        <>
          <Facts>
            {data.runs.map((run) => (
              <Fact key={run.id} name={<StateMark state={run.state} repairedBy={run.repaired_by} />}>
                <Group gap="2px 14px">
                  <div style={{ flex: '1 1 200px', minWidth: 0 }}>
                    <RunLink id={run.id}>{taskName(run.task)}</RunLink>{' '}
                    {run.subject_type !== null && <Subject run={run} names={data.names} />}
                    {run.error !== null && run.repaired_by === null && <Aside>{run.error.message}</Aside>}
                  </div>
                  <RelativeTime at={run.created_at} />
                </Group>
              </Fact>
            ))}
          </Facts>
          <p style={{ margin: '8px 0 0' }}>
            <Link to={`/runs?task=${fileTasks.join()}`}>{texts.allRuns}</Link>
          </p>
        </>
      )}
    </PagePart>
  );
}
