const rules = new Intl.PluralRules('en');

/** The form that a count takes in English: `plural(1, { one: 'row', other: 'rows' })` is `row`. */
export function plural(count: number, forms: { one: string; other: string }): string {
  return rules.select(count) === 'one' ? forms.one : forms.other;
}
