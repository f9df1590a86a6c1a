// Progress where standard error is no terminal: a line after so many cases, and after so long without one.
import { afterEach, beforeEach, expect, it, vi } from 'vitest';
import { type Progress, progress } from '../../../src/lab/conformance/runner/progress.ts';
import type { Result } from '../../../src/lab/conformance/runner/run.ts';

let written: string[] = [];
let shown: Progress | undefined;
const { isTTY } = process.stderr;

beforeEach(() => {
  written = [];
  process.stderr.isTTY = false;
  vi.useFakeTimers();
  vi.spyOn(process.stderr, 'write').mockImplementation((text) => {
    written.push(String(text));
    return true;
  });
});
afterEach(() => {
  shown?.clear();
  vi.restoreAllMocks();
  vi.useRealTimers();
  process.stderr.isTTY = isTTY;
});

const result = (verdict: Result['verdict']): Result => ({ verdict }) as Result;

it('is a line every 25 cases, without one for the end, which the report tells', () => {
  shown = progress(50);
  for (let done = 1; done <= 50; done += 1) shown.tell(result(done === 3 ? 'failed' : 'passed'), done);
  expect(written).toEqual(['25 of 50 cases, 1 failed\n']);
});

it('is a line every ten seconds in which there was none', () => {
  shown = progress(50);
  shown.tell(result('passed'), 1);
  vi.advanceTimersByTime(10_000);
  expect(written).toEqual(['1 of 50 cases, 0 failed\n']);
  vi.advanceTimersByTime(9_000);
  for (let done = 2; done <= 25; done += 1) shown.tell(result('passed'), done);
  vi.advanceTimersByTime(9_000);
  expect(written).toEqual(['1 of 50 cases, 0 failed\n', '25 of 50 cases, 0 failed\n']);
  shown.clear();
  vi.advanceTimersByTime(60_000);
  expect(written).toHaveLength(2);
});
