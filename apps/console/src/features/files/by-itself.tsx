import type { PipelineStatus } from '@at/contracts/pipeline';
import { Group } from '@mantine/core';
import { useQuery } from '@tanstack/react-query';
import { Link, useLocation } from 'react-router';
import { queryClient } from '#api/query-client.ts';
import { runAddress } from '#runs/run-address.ts';
import { StateMark } from '#runs/run-parts.tsx';
import { Aside } from '#ui/aside.tsx';
import { Fact, Facts } from '#ui/facts.tsx';
import { RelativeTime } from '#ui/relative-time.tsx';
import { Status } from '#ui/status.tsx';
import { PagePart } from './part.tsx';
import { byItselfTexts as texts } from './pipeline-texts.ts';
import { pipelineStatus } from './queries.ts';

const kinds = ['schedule', 'watch'] as const;
type Kind = (typeof kinds)[number];

/** When the next run starts, or why none does. */
function Next({ kind, of: { enabled, problem, next_at } }: { kind: Kind; of: PipelineStatus[Kind] }) {
  if (!enabled) return <Aside>{texts.off}</Aside>;
  return (
    <>
      {next_at !== null ? (
        <span>
          {texts.next} <RelativeTime at={next_at} />
        </span>
      ) : (
        problem === null && <span>{texts.waits[kind]}</span>
      )}
      {problem !== null && (
        <div>
          <Status tone="warning">{problem}</Status>
        </div>
      )}
    </>
  );
}

/** What starts runs of all steps by itself: the schedule, and files that arrive. */
export function ByItself() {
  const { data } = useQuery(pipelineStatus, queryClient);
  const { search } = useLocation();
  // Run all steps says why it is not there.
  if (!data) return null;
  return (
    <PagePart id="by-itself" title={texts.title} tools={<Link to="/files/config">{texts.change}</Link>}>
      <Facts>
        {kinds.map((kind) => {
          const of = data[kind];
          return (
            <Fact key={kind} name={texts.names[kind]}>
              <Group gap="2px 14px">
                <div style={{ flex: '1 1 200px', minWidth: 0 }}>
                  <Next kind={kind} of={of} />
                </div>
                {of.last_run && (
                  <>
                    <Link to={runAddress(search, of.last_run.run_id)} state={{ fromList: true }} preventScrollReset>
                      {texts.last}
                    </Link>
                    <StateMark state={of.last_run.state} repairedBy={null} />
                    <RelativeTime at={of.last_run.started_at} />
                  </>
                )}
              </Group>
            </Fact>
          );
        })}
      </Facts>
    </PagePart>
  );
}
