import { type ModelRun, runMetrics } from '@at/contracts/mlflow';
import { type Static, Type } from 'typebox';
import { Value } from 'typebox/value';

/** Proto JSON writes NaN, infinities and numbers of 64 bits as text. */
const ProtoNumber = Type.Union([Type.Number(), Type.String()]);

const Runs = Type.Object({
  runs: Type.Optional(
    Type.Array(
      Type.Object({
        info: Type.Object({
          run_id: Type.String(),
          run_name: Type.Optional(Type.String()),
          experiment_id: Type.String(),
          start_time: Type.Optional(ProtoNumber),
          end_time: Type.Optional(ProtoNumber),
        }),
        data: Type.Optional(
          Type.Object({
            metrics: Type.Optional(Type.Array(Type.Object({ key: Type.String(), value: Type.Optional(ProtoNumber) }))),
          }),
        ),
      }),
    ),
  ),
});

/** Milliseconds since 1970 as the wire's timestamp; what is no time is null. */
function timestampOf(milliseconds: Static<typeof ProtoNumber> | undefined): string | null {
  const date = new Date(Number(milliseconds ?? Number.NaN));
  const text = Number(milliseconds) > 0 && !Number.isNaN(date.getTime()) ? date.toISOString() : null;
  return text?.replace('Z', '000Z') ?? null;
}

type Run = NonNullable<Static<typeof Runs>['runs']>[number];

/** The runs of a reply to runs/search; undefined: it is no such reply. */
export function runsOf(reply: unknown, demo: boolean): ModelRun[] | undefined {
  if (!Value.Check(Runs, reply)) return undefined;
  return (reply.runs ?? []).map((run) => ({ ...runOf(run), demo }));
}

function runOf(run: Run): Omit<ModelRun, 'demo'> {
  const recorded = new Map(run.data?.metrics?.map(({ key, value }) => [key, value]));
  const numberOf = (name: string) => {
    const value = recorded.get(name);
    return typeof value === 'number' && Number.isFinite(value) ? value : null;
  };
  return {
    run_id: run.info.run_id,
    run_name: run.info.run_name ?? null,
    experiment_id: run.info.experiment_id,
    started_at: timestampOf(run.info.start_time),
    ended_at: timestampOf(run.info.end_time),
    metrics: Object.fromEntries(runMetrics.map((name) => [name, numberOf(name)])) as ModelRun['metrics'],
  };
}
