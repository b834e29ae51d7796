import { compareTimes } from '@at/contracts/compare-times';
import type { TrainingRow } from '@at/contracts/training';
import { flags, type Label } from '@at/contracts/vocabulary';

/** The review queue: the title on screen, the next ones, and the steps that can be undone. Pure. */

/** A step of the user; the latest is undone first. `id` is that of the write in the outbox. */
export type Step =
  | (Written & { kind: 'answer'; label: Label; decisionMs: number })
  | (Written & { kind: 'anomalous' })
  | { kind: 'skip'; id: string; title: TrainingRow };

type Written = {
  id: string;
  /** Before the step. */
  title: TrainingRow;
  /** The API's event; null: nothing changed; undefined: no reply yet. */
  eventId?: number | null;
};

export type Queue = {
  /** The first is on screen. */
  upcoming: TrainingRow[];
  /** Of the next titles; null: all are loaded. */
  cursor: string | null;
  steps: Step[];
  /** The step that was undone last, until the next one. */
  undone: Step | null;
  /** Titles to come, with those that are not loaded. */
  left: number;
  /** Why the title on screen is back. */
  returned: { imdb_id: string; label: Label | null; reason: string | null } | null;
  /** The user who changed the flags of the title while it was on screen; null: they changed while the review was closed. */
  changedBy: { imdb_id: string; by: string | null } | null;
  /** On screen or skipped, but changed so that they no longer match: the API does not count them. */
  outside: ReadonlySet<string>;
  /** The API's count follows the changes of other users. */
  isCounted: boolean;
};

export type Action =
  | {
      type: 'begin';
      rows: TrainingRow[];
      cursor: string | null;
      total: number;
      steps: Step[];
      outside: readonly string[];
      /** The title on screen has changed while the review was closed. */
      isChanged?: boolean;
    }
  | { type: 'refill'; rows: TrainingRow[]; cursor: string | null }
  | { type: 'answer'; id: string; label: Label; decisionMs: number }
  | { type: 'anomalous'; id: string }
  | { type: 'skip'; id: string }
  | { type: 'undo' }
  | { type: 'refused'; id: string; reason: string }
  | { type: 'overtaken'; id: string }
  | { type: 'saved'; id: string; imdb_id: string; eventId: number | null; version: string }
  | { type: 'changed'; imdb_id: string; changes: Partial<TrainingRow> }
  | { type: 'others'; rows: TrainingRow[]; left: string[]; outside: string[]; by: ReadonlyMap<string, string> }
  | { type: 'counted'; total: number }
  | { type: 'revisit' };

export const emptyQueue: Queue = {
  upcoming: [],
  cursor: null,
  steps: [],
  undone: null,
  left: 0,
  returned: null,
  changedBy: null,
  outside: new Set(),
  isCounted: false,
};

/** With fewer titles more are loaded: enough for two seconds at ten answers a second. */
export const refillBelow = 25;

/** How many of these titles the API counts. */
const countOf = ({ outside }: Queue, titles: TrainingRow[]) =>
  titles.filter(({ imdb_id }) => !outside.has(imdb_id)).length;

export const skippedTitles = ({ steps }: Pick<Queue, 'steps'>) =>
  steps.filter(({ kind }) => kind === 'skip').map(({ title }) => title);

/** How many match the filter, with those that were skipped. */
export const waitingOf = (queue: Queue) => queue.left + countOf(queue, skippedTitles(queue));

const isDone = (step: Step) => step.kind !== 'anomalous';

/** The rows that are neither upcoming nor done. */
function fresh(rows: TrainingRow[], upcoming: TrainingRow[], steps: Step[]): TrainingRow[] {
  const known = new Set([...upcoming, ...steps.filter(isDone).map(({ title }) => title)].map(({ imdb_id }) => imdb_id));
  return rows.filter(({ imdb_id }) => !known.has(imdb_id));
}

function change(queue: Queue, imdbId: string, changes: Partial<TrainingRow>): Queue {
  const apply = (row: TrainingRow) => (row.imdb_id === imdbId ? { ...row, ...changes } : row);
  return {
    ...queue,
    upcoming: queue.upcoming.map(apply),
    steps: queue.steps.map((step) => (step.title.imdb_id === imdbId ? { ...step, title: apply(step.title) } : step)),
  };
}

/** Removes the title on screen, as a step. */
function advance(queue: Queue, toStep: (title: TrainingRow) => Step): Queue {
  const [title, ...upcoming] = queue.upcoming;
  if (!title) return queue;
  return {
    ...queue,
    upcoming,
    steps: [...queue.steps, toStep(title)],
    undone: null,
    left: Math.max(0, queue.left - countOf(queue, [title])),
    returned: null,
    changedBy: null,
  };
}

/** Puts a title back on screen. */
function returnTitle(queue: Queue, title: TrainingRow, returned: Queue['returned']): Queue {
  const others = queue.upcoming.filter(({ imdb_id }) => imdb_id !== title.imdb_id);
  return {
    ...queue,
    upcoming: [title, ...others],
    left: queue.left + countOf(queue, [title]),
    returned,
    changedBy: null,
  };
}

export function reduce(queue: Queue, action: Action): Queue {
  switch (action.type) {
    case 'begin': {
      const upcoming = fresh(action.rows, [], action.steps);
      const begun = { ...queue, upcoming, steps: action.steps, outside: new Set(action.outside) };
      const hidden = new Set([...action.rows, ...skippedTitles(begun)].map(({ imdb_id }) => imdb_id));
      for (const { imdb_id } of upcoming) hidden.delete(imdb_id);
      for (const id of action.outside) hidden.delete(id);
      return {
        ...begun,
        cursor: action.cursor,
        left: Math.max(countOf(begun, upcoming), action.total - hidden.size),
        returned: queue.returned?.imdb_id === upcoming[0]?.imdb_id ? queue.returned : null,
        changedBy:
          action.isChanged && upcoming[0]
            ? { imdb_id: upcoming[0].imdb_id, by: null }
            : queue.changedBy?.imdb_id === upcoming[0]?.imdb_id
              ? queue.changedBy
              : null,
      };
    }
    case 'refill': {
      const upcoming = [...queue.upcoming, ...fresh(action.rows, queue.upcoming, queue.steps)];
      const known = countOf(queue, upcoming);
      const left = action.cursor === null ? known : Math.max(queue.left, known);
      return { ...queue, upcoming, cursor: action.cursor, left };
    }
    case 'answer': {
      const { id, label, decisionMs } = action;
      return advance(queue, (title) => ({ kind: 'answer', id, title, label, decisionMs }));
    }
    case 'skip':
      return advance(queue, (title) => ({ kind: 'skip', id: action.id, title }));
    case 'anomalous': {
      const [title] = queue.upcoming;
      if (!title) return queue;
      const marked = change(queue, title.imdb_id, { anomalous: !title.anomalous });
      return { ...marked, steps: [...queue.steps, { kind: 'anomalous', id: action.id, title }], undone: null };
    }
    case 'undo': {
      const step = queue.steps.at(-1);
      if (!step) return queue;
      const before = { ...queue, steps: queue.steps.slice(0, -1), undone: step };
      if (step.kind === 'anomalous') return change(before, step.title.imdb_id, { anomalous: step.title.anomalous });
      const label = step.kind === 'answer' ? step.label : null;
      return returnTitle(before, step.title, { imdb_id: step.title.imdb_id, label, reason: null });
    }
    case 'refused': {
      const step = queue.steps.find(({ id }) => id === action.id);
      if (!step) return queue;
      const without = { ...queue, steps: queue.steps.filter((other) => other !== step) };
      if (step.kind === 'anomalous') return change(without, step.title.imdb_id, { anomalous: step.title.anomalous });
      const label = step.kind === 'answer' ? step.label : null;
      return returnTitle(without, step.title, { imdb_id: step.title.imdb_id, label, reason: action.reason });
    }
    case 'overtaken': {
      const step = queue.steps.find(({ id }) => id === action.id);
      // The other user's decision stands: the title stays answered, and undo must not touch it.
      return step ? { ...queue, steps: queue.steps.filter((other) => other !== step) } : queue;
    }
    case 'saved': {
      const { id, imdb_id, eventId, version } = action;
      const known = change(queue, imdb_id, { updated_at: version });
      return {
        ...known,
        steps: known.steps.map((step) => (step.id === id && step.kind !== 'skip' ? { ...step, eventId } : step)),
      };
    }
    case 'changed':
      return change(queue, action.imdb_id, action.changes);
    case 'others': {
      const [first] = queue.upcoming;
      const changed = new Map(action.rows.map((row) => [row.imdb_id, row]));
      const left = new Set(action.left);
      const upcoming = queue.upcoming
        .filter(({ imdb_id }) => !left.has(imdb_id))
        .map((row) => {
          const now = changed.get(row.imdb_id);
          return now && compareTimes(now.updated_at, row.updated_at) >= 0 ? now : row;
        });
      const [shown] = upcoming;
      const isMet = first && shown?.imdb_id === first.imdb_id && flags.some((flag) => shown[flag] !== first[flag]);
      const by = isMet ? action.by.get(first.imdb_id) : undefined;
      const outside = [...queue.outside].filter((id) => !changed.has(id));
      const after = { ...queue, upcoming, outside: new Set([...outside, ...action.outside]) };
      const known = countOf(after, upcoming);
      const rest = queue.isCounted
        ? waitingOf(queue) - countOf(after, skippedTitles(queue))
        : queue.left - (countOf(queue, queue.upcoming) - known);
      return {
        ...after,
        left: Math.max(known, rest),
        changedBy:
          first && by !== undefined
            ? { imdb_id: first.imdb_id, by }
            : queue.changedBy?.imdb_id === shown?.imdb_id
              ? queue.changedBy
              : null,
      };
    }
    case 'counted':
      return {
        ...queue,
        left: Math.max(countOf(queue, queue.upcoming), action.total - countOf(queue, skippedTitles(queue))),
        isCounted: true,
      };
    case 'revisit': {
      const skipped = skippedTitles(queue);
      return {
        ...queue,
        upcoming: [...queue.upcoming, ...skipped],
        steps: queue.steps.filter(({ kind }) => kind !== 'skip'),
        left: waitingOf(queue),
      };
    }
  }
}

/** How many titles were answered and skipped. */
export const progressOf = ({ steps }: Queue) => ({
  done: steps.filter(({ kind }) => kind === 'answer').length,
  skipped: steps.filter(({ kind }) => kind === 'skip').length,
});

/** Fewer decisions tell no pace. */
const fewest = 3;
/** A longer decision is a pause, as in the API's sessions. */
const pauseMs = 300_000;

/** The median time of this session's decisions in milliseconds; null: there are too few. */
export function paceOf({ steps }: Pick<Queue, 'steps'>): number | null {
  const times = steps.flatMap((step) => (step.kind === 'answer' && step.decisionMs <= pauseMs ? step.decisionMs : []));
  if (times.length < fewest) return null;
  times.sort((a, b) => a - b);
  const middle = times.length / 2;
  return ((times[Math.ceil(middle) - 1] as number) + (times[Math.floor(middle)] as number)) / 2;
}
