import type { Evaluation } from '@at/contracts/predictions';
import { useEffect, useMemo } from 'react';
import { useFetcher } from 'react-router';
import { useStore } from '#state/store.ts';
import { moves } from '#titles/title-changes.ts';
import { useAfterChanges } from './after-changes.ts';
import { withMoves } from './evaluation.ts';
import type { Evaluated, loader } from './evaluation-route.ts';
import { type PredictionsView, scopeOf, writeView } from './view.ts';

type Shown = {
  /** With one's own changes in it; null when none could be read. */
  evaluation: Evaluation | null;
  /** The threshold that it was asked for; null: the downloader's. */
  askedThreshold: number | null;
  url: string | null;
  /** Why the latest reading failed. */
  failure: unknown;
  retry: () => void;
  /** Says that titles have changed, of which no event may tell. */
  changed: () => void;
};

/**
 * The evaluation as it stands: the loader's, read anew for another threshold and after titles have changed, with the
 * changes made here that are still on their way. `view` is the one in the URL.
 */
export function useEvaluation(loaded: Evaluated, view: PredictionsView): Shown {
  const { data, load } = useFetcher<typeof loader>({ key: 'evaluation' });
  const ownMoves = useStore(moves);
  const path = `/predictions/evaluation?${writeView(view)}`;
  const readings = [loaded, data]
    .filter((one): one is Evaluated => one?.scope === loaded.scope)
    .sort((a, b) => b.askedAt - a.askedAt);
  const latest = readings[0] ?? loaded;
  const good = readings.find((one) => one.evaluation !== undefined);

  const isPending = ownMoves.some(({ settledAt }) => settledAt === null);
  const isLate = ownMoves.some(({ settledAt }) => settledAt !== null && settledAt > latest.askedAt);
  const isWanted = latest.threshold !== view.threshold || (isLate && !isPending);
  // A reading that ends before the last change was saved is followed by another.
  useEffect(() => {
    if (isWanted) void load(path);
  }, [isWanted, load, path, latest.askedAt]);
  const changed = useAfterChanges(() => void load(path));

  const evaluation = useMemo(
    () => (good?.evaluation ? withMoves(good.evaluation, good.askedAt, ownMoves, scopeOf(view)) : null),
    [good, ownMoves, view],
  );
  return {
    evaluation,
    askedThreshold: good?.threshold ?? null,
    url: good?.evaluation ? good.url : null,
    failure: latest.failure,
    retry: () => void load(path),
    changed,
  };
}
