import type { LogLine } from '@at/contracts/logs';
import { describe, expect, it } from 'vitest';
import { fieldsOf, mergeLines, rowsOfRun, visible } from './log-lines.ts';

const line = (number: number, more: Partial<LogLine> = {}): LogLine => ({
  timestamp: `2025-06-02T04:30:${String(number).padStart(2, '0')}.000000Z`,
  level: 'info',
  source: 'test.speak',
  run_id: 'run',
  subject_type: null,
  subject_id: null,
  step: 'one',
  ref: null,
  attempt: 1,
  line: number,
  message: `line ${number}`,
  fields: null,
  ...more,
});
const all = () => true;
const shown = (...of: Parameters<typeof rowsOfRun>) =>
  rowsOfRun(...of).map((row) =>
    row.type === 'line'
      ? `${row.number} ${row.line.message}`
      : row.type === 'gap'
        ? `gap of ${row.missing}`
        : `${row.line.step} ${row.line.attempt}: ${row.lines}${row.isFolded ? ' folded' : ''}`,
  );

describe('lines of a run', () => {
  it('are numbered from 1, and a missing number of the attempt is a gap', () => {
    expect(shown([line(0), line(1), line(5)], true, all, new Set())).toEqual([
      '1 line 0',
      '2 line 1',
      'gap of 3',
      '3 line 5',
    ]);
    expect(shown([line(2)], true, all, new Set())).toEqual(['gap of 2', '1 line 2']);
  });

  it('have no numbers while older ones are missing, which are no gap', () => {
    expect(shown([line(2), line(3)], false, all, new Set())).toEqual(['null line 2', 'null line 3']);
  });

  it('keep their numbers when levels or a folded attempt hide others', () => {
    const lines = [line(0), line(1, { level: 'error' }), line(0, { attempt: 2, timestamp: '2025-06-02T05' })];
    expect(shown(lines, true, ({ level }) => level === 'error', new Set(['one.2']))).toEqual([
      'one 1: 2',
      '2 line 1',
      'one 2: 1 folded',
    ]);
  });

  it('are merged in the order of their times, those of one time in that of their attempt', () => {
    const late = line(1, { timestamp: line(0).timestamp });
    expect(mergeLines([line(0), line(3)], [late, line(4)]).map((one) => one.line)).toEqual([0, 1, 3, 4]);
    expect(mergeLines([line(0)], [line(1)]).map((one) => one.line)).toEqual([0, 1]);
  });
});

it('colours of a terminal are text', () => {
  expect(visible('\u001b[31mred\u001b[0m\ttab\nnext\0')).toBe('^[[31mred^[[0m\ttab\nnext^@');
});

it('the stack of an error stands apart from the other fields', () => {
  expect(fieldsOf(line(0, { fields: { n: 1, err: { type: 'Error', message: 'gone', stack: 'at x' } } }))).toEqual({
    text: '{"n":1,"err":{"type":"Error","message":"gone"}}',
    stack: 'at x',
  });
  expect(fieldsOf(line(0, { fields: { err: null } }))).toEqual({ text: '{"err":null}', stack: undefined });
});
