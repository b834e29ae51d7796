import { NativeSelect } from '@mantine/core';
import { defaultViews, openWith } from '#shared/default-views.ts';
import { pages } from '#shared/pages.ts';
import { useStore } from '#shared/store.ts';
import { settingsTexts as texts } from '#shared/texts/settings.ts';
import { filterIn, views } from '#shared/views.ts';
import styles from './settings.module.css';

const withFilters = ['/training', '/media', '/predictions'];

function Opening({ page, name }: { page: string; name: string }) {
  const saved = useStore(views)?.filter((view) => view.page === page) ?? [];
  const chosen = filterIn(useStore(defaultViews)[page] ?? '');
  const options = [
    { value: '', label: texts.usual },
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
export function OpeningFilters() {
  return (
    <div className={styles.controls}>
      {pages
        .filter(({ path }) => withFilters.includes(path))
        .map(({ path, name }) => (
          <Opening key={path} page={path.slice(1)} name={name} />
        ))}
    </div>
  );
}
