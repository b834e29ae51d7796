import { useLoaderData } from 'react-router';
import { useSource } from '#api/page-request.ts';
import { BarSelect } from '#lists/bar-select.tsx';
import { labelled } from '#lists/list-filters.tsx';
import { listsTexts } from '#lists/texts.ts';
import { useView } from '#lists/use-view.ts';
import { PageTitle } from '#pages/page-title.tsx';
import { taskName } from '#runs/describe-run.ts';
import { useLogBook } from '#runs/log-book.ts';
import { LogViewer } from '#runs/log-viewer.tsx';
import { useStore } from '#state/store.ts';
import { Status } from '#ui/status.tsx';
import { useDebouncedValue } from '#ui/use-debounced-value.ts';
import type { loader } from './loader.ts';
import { logsPageTexts as texts } from './texts.ts';
import { type Level, logsView, queryOf, sources } from './view.ts';

const all = 'all';
/** Milliseconds without typing before the lines are loaded again. */
const settle = 250;

/** What workers write, the newest last. */
export function LogsPage() {
  const { view: loaded, first, url } = useLoaderData<typeof loader>();
  const { view, change } = useView(loaded, logsView);
  useSource(url);
  const book = useLogBook(queryOf(loaded), false, first);
  const { isLive } = useStore(book.state);
  const [words, setWords] = useDebouncedValue(view.q, (q) => change({ q }, { replace: true }), settle);
  const chosen = view.source.join() || all;
  const names: Record<string, string> = {
    [all]: texts.anySource,
    ...Object.fromEntries(sources.map((task) => [task, taskName(task)])),
    ...(chosen === all || sources.includes(chosen) ? {} : { [chosen]: view.source.map(taskName).join(listsTexts.or) }),
  };
  const described = logsView.describe(loaded);
  return (
    <>
      <PageTitle page={texts.page}>
        <Status tone={isLive ? 'good' : 'neutral'}>{isLive ? texts.live : texts.notLive}</Status>
      </PageTitle>
      <LogViewer
        book={book}
        levels={view.level as Level[]}
        onLevels={(level) => change({ level })}
        words={words}
        onWords={setWords}
        filters={
          <BarSelect
            label={texts.source}
            value={chosen}
            names={labelled(texts.source, names)}
            onChange={(source) => change({ source: source === all ? [] : source === chosen ? view.source : [source] })}
          />
        }
        {...(described === texts.described.lines ? {} : { none: texts.noMatch(described) })}
        name="log"
      />
    </>
  );
}
