import { exportFiles, type FileSort, type PipelineFile } from '@at/contracts/files';
import { Button } from '@mantine/core';
import { Link, useLoaderData } from 'react-router';
import { useSource } from '#api/page-request.ts';
import { useKeys } from '#keys/bindings.ts';
import { ClearButtons } from '#lists/clear-buttons.tsx';
import { ColumnChooser, useColumns } from '#lists/columns.tsx';
import { DataTable } from '#lists/data-table.tsx';
import { ExportMenu } from '#lists/export-menu.tsx';
import { PageLine, Pager } from '#lists/pager.tsx';
import { useView } from '#lists/use-view.ts';
import { RefreshButton, useRefresh } from '#live/refresh.tsx';
import { PageTitle } from '#pages/page-title.tsx';
import { EmptyState } from '#ui/empty-state.tsx';
import { focusSearch } from '#ui/search-box.tsx';
import { fileColumns } from './file-columns.tsx';
import { FileDetails } from './file-details.tsx';
import { FilterBar } from './filter-bar.tsx';
import { allFilesKeys } from './keys.ts';
import type { loader } from './loader.ts';
import { allFilesTexts as texts } from './texts.ts';
import { allFilesView, isFirstPage, nextPage, previousPage, queryOf, sortBy } from './view.ts';

const nameOf = ({ id, name }: PipelineFile) => name ?? `${id}`;
const details = {
  nameOf: (file: PipelineFile) => texts.details.of(nameOf(file)),
  show: (file: PipelineFile) => <FileDetails file={file} />,
};

/** Every file that a scan has found, with what was done with it. */
export function AllFilesPage() {
  const { at, view: loaded, list, roots } = useLoaderData<typeof loader>();
  const { view, change } = useView(loaded, allFilesView);
  const refresh = useRefresh();
  useSource(list.url);
  useKeys(allFilesKeys, {
    search: focusSearch,
    errors: () => change({ status: view.status.join() === 'ERROR' ? [] : ['ERROR'] }),
    refresh: () => void refresh(),
  });
  const columns = useColumns('all-files', fileColumns);
  const { data: rows, pagination } = list.data;
  const page = { pagination, offset: loaded.offset, rows: rows.length };
  const described = allFilesView.describe(loaded);
  const isNarrowed = allFilesView.activeFilters(loaded).length > 0 || loaded.q.trim() !== '';
  return (
    <>
      <PageTitle page={texts.page}>
        <RefreshButton at={at} refresh={refresh} />
      </PageTitle>
      <FilterBar view={view} roots={roots} onChange={change} />
      {rows.length === 0 && isFirstPage(loaded) ? (
        <EmptyState {...(isNarrowed ? texts.noMatch(described) : texts.none)}>
          {!isNarrowed && (
            <Button component={Link} to="/files" variant="default">
              {texts.none.link}
            </Button>
          )}
          <ClearButtons view={loaded} definition={allFilesView} onChange={change} />
        </EmptyState>
      ) : (
        <>
          <PageLine page={page} filter={described}>
            <ExportMenu endpoint={exportFiles} query={queryOf(loaded)} total={pagination.total} />
            <ColumnChooser columns={columns} />
          </PageLine>
          <DataTable
            label={texts.page}
            rows={rows}
            keyOf={({ id }) => `${id}`}
            nameOf={nameOf}
            columns={columns.shown}
            sorting={{
              by: view.sort_by,
              order: view.sort_order,
              searchOf: (sort: FileSort) => allFilesView.write(sortBy(view, sort)),
            }}
            details={details}
          />
          <Pager
            page={page}
            onPrevious={() => change(previousPage(loaded))}
            onNext={() => change(nextPage(loaded, rows, pagination.next_cursor))}
          />
        </>
      )}
    </>
  );
}
