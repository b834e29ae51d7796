import { NativeSelect } from '@mantine/core';
import { filterIn, useSavedViews } from '#lists/saved-views.ts';
import { defaultViews, openWith } from '#pages/default-views.ts';
import { usePages } from '#pages/define-page.ts';
import { useStore } from '#state/store.ts';
import styles from './settings.module.css';
import { settingsTexts as texts } from './texts.ts';

function DefaultFilter({ page, name }: { page: string; name: string }) {
  const saved = useSavedViews()?.filter((view) => view.page === page) ?? [];
  const chosen = filterIn(useStore(defaultViews)[page] ?? '');
  const options = [
    { value: '', label: texts.defaultFilter },
    ...saved.map((view) => ({ value: filterIn(view.query), label: view.name })).filter(({ value }) => value !== ''),
  ];
  const isKnown = options.some(({ value }) => value === chosen);
  return (
    <NativeSelect
      label={name}
      className={styles.select ?? ''}
      value={chosen}
      onChange={(event) => openWith(page, event.currentTarget.value || null)}
      data={isKnown ? options : [...options, { value: chosen, label: texts.ownFilter(chosen) }]}
    />
  );
}

/** The filter that each page with filters opens with. */
export function DefaultFilters() {
  const { pages } = usePages();
  return (
    <div className={styles.controls}>
      {pages
        .filter(({ opensWithFilter }) => opensWithFilter)
        .map(({ path, name }) => (
          <DefaultFilter key={path} page={path.slice(1)} name={name} />
        ))}
    </div>
  );
}
