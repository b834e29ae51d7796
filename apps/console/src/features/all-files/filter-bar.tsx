import type { FileRoot } from '@at/contracts/file-roots';
import { Button } from '@mantine/core';
import { filterWidth, ListFilters, MoreFilters, WordFilter } from '#lists/list-filters.tsx';
import { listsTexts } from '#lists/texts.ts';
import type { ChangeView } from '#lists/use-view.ts';
import { SearchBox } from '#ui/search-box.tsx';
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
  const count = allFilesView.activeFilters(view).length;
  return (
    <ListFilters>
      <SearchBox
        className={filterWidth}
        aria-label={texts.search}
        value={view.q}
        onSearch={(q) => onChange({ q }, { replace: true })}
      />
      <MoreFilters count={count}>
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
        {count > 0 && (
          <Button variant="subtle" onClick={() => onChange(allFilesView.withoutFilters(view))}>
            {listsTexts.clearFilters}
          </Button>
        )}
      </MoreFilters>
    </ListFilters>
  );
}
