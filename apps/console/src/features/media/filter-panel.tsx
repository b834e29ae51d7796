import { mediaTypes, pipelineStatuses, rejectionStatuses, rssSources } from '@at/contracts/vocabulary';
import { Button } from '@mantine/core';
import { ChoiceField, FilterPanel, RangeField, WordsField } from '#lists/filter-fields.tsx';
import { listsTexts } from '#lists/texts.ts';
import type { ChangeView } from '#lists/use-view.ts';
import { countFilters, type MediaView, withoutFilters, years } from './filters.ts';
import { mediaTexts as texts } from './texts.ts';

const { filterNames } = texts;

const choices = {
  error_status: texts.errorChoices,
  rejection_status: {
    all: texts.all,
    ...Object.fromEntries(rejectionStatuses.map((status) => [status, texts.rejection[status].name])),
  },
  media_type: { all: texts.all, ...Object.fromEntries(mediaTypes.map((type) => [type, texts.type[type]])) },
  deleted: texts.deletedChoices,
} satisfies { [K in keyof MediaView]?: Record<string, string> };

const statusOptions = pipelineStatuses.map((value) => ({ value, label: texts.status[value].name }));
const sourceOptions = rssSources.map((value) => ({ value, label: value }));

/** Every filter of the page. */
export function MediaFilters({ view, onChange }: { view: MediaView; onChange: ChangeView<MediaView> }) {
  const setYear = (name: 'release_year_min' | 'release_year_max') => (year: number | undefined) =>
    onChange({ [name]: year ?? null }, { replace: true });
  return (
    <FilterPanel
      end={
        <>
          {view.updated_at_min !== null && (
            <Button size="compact-sm" variant="default" onClick={() => onChange({ updated_at_min: null })}>
              {texts.whenever}
            </Button>
          )}
          <Button
            size="compact-sm"
            variant="default"
            disabled={countFilters(view) === 0}
            onClick={() => onChange(withoutFilters(view))}
          >
            {listsTexts.clearFilters}
          </Button>
        </>
      }
    >
      <WordsField
        wide
        label={filterNames.pipeline_status}
        options={statusOptions}
        value={view.pipeline_status}
        onChange={(words) => onChange({ pipeline_status: words as MediaView['pipeline_status'] })}
      />
      {(Object.keys(choices) as (keyof typeof choices)[]).map((name) => (
        <ChoiceField
          key={name}
          label={filterNames[name]}
          options={choices[name]}
          value={view[name]}
          onChange={(word) => onChange({ [name]: word })}
        />
      ))}
      <WordsField
        label={filterNames.rss_source}
        options={sourceOptions}
        value={view.rss_source}
        onChange={(words) => onChange({ rss_source: words as MediaView['rss_source'] })}
      />
      <RangeField
        label={filterNames.year}
        limits={years}
        min={view.release_year_min ?? undefined}
        max={view.release_year_max ?? undefined}
        onMin={setYear('release_year_min')}
        onMax={setYear('release_year_max')}
      />
    </FilterPanel>
  );
}
