import { Input, SegmentedControl, Select, useMantineColorScheme } from '@mantine/core';
import { useMemo } from 'react';
import { listsTexts } from '#lists/texts.ts';
import { schemes } from '#state/color-scheme.ts';
import { densities, density } from '#state/density.ts';
import { useStore } from '#state/store.ts';
import { formatMoment, ownZone, timeZone } from '#ui/format.ts';
import { filterOptions } from '#ui/matching.ts';
import styles from './settings.module.css';
import { settingsTexts as texts } from './texts.ts';

function Choice<T extends string>({
  label,
  value,
  options,
  onChange,
}: {
  label: string;
  value: T;
  options: { value: T; label: string }[];
  onChange: (value: T) => void;
}) {
  return (
    <Input.Wrapper label={label} labelElement="div">
      <div>
        <SegmentedControl aria-label={label} value={value} data={options} onChange={onChange} />
      </div>
    </Input.Wrapper>
  );
}

/** Theme, density and time zone. */
export function Appearance({ at }: { at: string }) {
  const { colorScheme, setColorScheme } = useMantineColorScheme();
  const chosenDensity = useStore(density);
  const zone = useStore(timeZone);
  const zones = useMemo(
    () => [
      { value: '', label: texts.browserZone(ownZone) },
      ...Intl.supportedValuesOf('timeZone').map((value) => ({ value, label: value.replaceAll('_', ' ') })),
    ],
    [],
  );
  return (
    <div className={styles.controls}>
      <Choice
        label={texts.theme}
        value={colorScheme}
        options={schemes.map((value) => ({ value, label: texts.schemes[value] }))}
        onChange={setColorScheme}
      />
      <Choice
        label={texts.density}
        value={chosenDensity}
        options={densities.map((value) => ({ value, label: listsTexts[value] }))}
        onChange={density.set}
      />
      <Select
        label={texts.timeZone}
        description={texts.timeZoneDescription(formatMoment(at))}
        inputWrapperOrder={['label', 'input', 'description']}
        className={styles.select ?? ''}
        searchable
        filter={filterOptions}
        allowDeselect={false}
        limit={60}
        nothingFoundMessage={texts.noZone}
        value={zone}
        data={zones}
        onChange={(value) => timeZone.set(value ?? '')}
      />
    </div>
  );
}
