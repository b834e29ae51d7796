import type { Evaluation } from '@at/contracts/predictions';
import { useQuery } from '@tanstack/react-query';
import { useEffect, useMemo } from 'react';
import { queryClient } from '#api/query-client.ts';
import { useStore } from '#state/store.ts';
import { moves } from '#titles/title-changes.ts';
import { withMoves } from './evaluation.ts';
import { evaluationOf } from './evaluation-query.ts';
import { type PredictionsView, scopeOf } from './view.ts';

type Shown = {
  /** With the user's own changes in it; null when none could be loaded. */
  evaluation: Evaluation | null;
  /** The threshold that it was requested for; null: the downloader's. */
  loadedThreshold: number | null;
  /** null: just now. */
  countedAt: string | null;
  url: string | null;
  /** Why the latest request failed. */
  failure: unknown;
  retry: () => void;
};

/**
 * The evaluation for the view in the URL, loaded again for another threshold and after changes, with the changes made here
 * that it cannot include yet.
 */
export function useEvaluation(view: PredictionsView): Shown {
  const { data, error, refetch } = useQuery(evaluationOf(view), queryClient);
  const ownMoves = useStore(moves);
  const isPending = ownMoves.some(({ settledAt }) => settledAt === null);
  const isLate = ownMoves.some(({ settledAt }) => settledAt !== null && data && settledAt > data.requestedAt);
  const isWanted = data !== undefined && (data.threshold !== view.threshold || (isLate && !isPending));
  // One that was requested before the last change was saved is followed by another.
  useEffect(() => {
    if (isWanted) void refetch();
  }, [isWanted, view.threshold, data?.requestedAt, refetch]);
  const evaluation = useMemo(
    () => (data ? withMoves(data.evaluation, data.requestedAt, ownMoves, scopeOf(view)) : null),
    [data, ownMoves, view],
  );
  return {
    evaluation,
    loadedThreshold: data?.threshold ?? null,
    countedAt: data?.countedAt ?? null,
    url: data?.url ?? null,
    failure: error,
    retry: () => void refetch(),
  };
}
