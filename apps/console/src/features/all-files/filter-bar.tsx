import type { FileRoot } from '@at/contracts/file-roots';
import { ListFilters, WordFilter } from '#lists/list-filters.tsx';
import type { ChangeView } from '#lists/use-view.ts';
import { allFilesTexts as texts } from './texts.ts';
import { type AllFilesView, allFilesView, describeFolders, describeKinds, describeStatuses } from './view.ts';

export function FilterBar({
  view,
  roots,
  onChange,
}: {
  view: AllFilesView;
  roots: readonly FileRoot[];
  onChange: ChangeView<AllFilesView>;
}) {
  return (
    <ListFilters view={view} definition={allFilesView} onChange={onChange} search={texts.search}>
      <WordFilter
        label={texts.status}
        any={texts.any}
        names={texts.statuses}
        words={view.status}
        describe={describeStatuses}
        onChange={(status) => onChange({ status })}
      />
      <WordFilter
        label={texts.kind}
        any={texts.any}
        names={texts.kinds}
        words={view.kind}
        describe={describeKinds}
        onChange={(kind) => onChange({ kind })}
      />
      <WordFilter
        label={texts.folder}
        any={texts.any}
        names={Object.fromEntries(roots.map(({ id, name }) => [id, name]))}
        words={view.root}
        describe={describeFolders}
        onChange={(root) => onChange({ root })}
      />
    </ListFilters>
  );
}
