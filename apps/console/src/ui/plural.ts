const rules = new Intl.PluralRules('en');

/** The English form for a count: `plural(1, { one: 'row', other: 'rows' })` is `row`. */
export function plural(count: number, forms: { one: string; other: string }): string {
  return rules.select(count) === 'one' ? forms.one : forms.other;
}
