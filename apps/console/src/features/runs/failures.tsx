import { changeTaskRuns, listTaskRunFailures } from '@at/contracts/runs';
import { queryOptions, useQuery } from '@tanstack/react-query';
import { call } from '#api/call.ts';
import { queryClient } from '#api/query-client.ts';
import { useRefusal } from '#api/session.ts';
import { keyOf } from '#live/invalidations.ts';
import { taskName } from '#runs/describe-run.ts';
import { CauseList, CauseRetry } from '#ui/cause-list.tsx';
import { LoadFailure } from '#ui/load-failure.tsx';
import { uiTexts } from '#ui/texts.ts';
import { changeRuns } from './changes.ts';
import { runsPageTexts as texts } from './texts.ts';
import { type RunsView, runsView } from './view.ts';

const runFailures = queryOptions({
  queryKey: keyOf('run-figures', 'causes'),
  queryFn: async ({ signal }) => (await call(listTaskRunFailures, { signal })).data.failures,
});

/** Failures by cause: each opens as a filter; one is tried first, then the rest. */
export function RunFailures({ view }: { view: RunsView }) {
  const { data, error, refetch } = useQuery(runFailures, queryClient);
  const refusal = useRefusal(changeTaskRuns.config.role) ?? undefined;
  if (!data) return error && <LoadFailure what={texts.failures} error={error} retry={refetch} />;
  const causes = data.map(({ fingerprint, task, message, count, example_ids: [first] }) => {
    const isChosen = view.fingerprint === fingerprint;
    const chosen = runsView.withoutFilters(view);
    return {
      key: fingerprint,
      count,
      text: uiTexts.because(taskName(task), message),
      to: { search: `${runsView.write({ ...chosen, fingerprint: isChosen ? '' : fingerprint })}` },
      isChosen,
      children: (
        <CauseRetry
          name={message}
          count={count}
          refusal={refusal}
          one={first === undefined ? undefined : () => changeRuns('retry', { ids: [first] })}
          all={() => changeRuns('retry', { filter: { fingerprint } })}
        />
      ),
    };
  });
  return <CauseList label={texts.failures} causes={causes} />;
}
