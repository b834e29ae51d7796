import type { LogsQuery } from '@at/contracts/logs';
import { logLevels } from '@at/contracts/vocabulary';
import { anyWords, defineView, search, type ViewOf } from '#lists/define-view.ts';
import { listsTexts } from '#lists/texts.ts';
import { taskName } from '#runs/describe-run.ts';
import { logTexts } from '#runs/log-texts.ts';
import { runsTexts } from '#runs/texts.ts';
import { isolate } from '#ui/format.ts';
import { logsPageTexts as texts } from './texts.ts';

const levels = anyWords(logLevels);

/** The tasks that a filter offers. */
export const sources = Object.keys(runsTexts.tasks);

export const logsView = defineView({
  fields: {
    level: {
      ...levels,
      read: (parameters: URLSearchParams, name: string, view: object) =>
        levels.read(parameters, name, view)?.filter((given) => logLevels.some((level) => level === given)),
    },
    source: anyWords(sources),
    q: search(),
  },
  paging: [],
  title: () => texts.described.lines,
  descriptions: {
    level: (given) => given.map((level) => logTexts.levels[level as Level]).join(listsTexts.or),
    source: (given) => given.map(taskName).join(listsTexts.or),
    q: (words) => words.trim() && texts.described.matching(isolate(words.trim())),
  },
});
export type LogsView = ViewOf<typeof logsView>;
export type Level = (typeof logLevels)[number];

export function queryOf(view: LogsView): LogsQuery {
  const { level, source, q } = logsView.filter(view);
  return {
    ...(level && { level: level as Level[] }),
    ...(source && { source }),
    ...(q && { search: q }),
  };
}
