// The names of the files of a record: the one that is written has its own, those before it have a number.
import { readdirSync } from 'node:fs';
import { basename, dirname, format, join, parse } from 'node:path';

/** Digits of a number, at least. */
const digits = 6;

/** `gateway.jsonl` and 7: `gateway.000007.jsonl`. */
export function numberedName(file: string, number: number): string {
  const { dir, name, ext } = parse(file);
  return format({ dir, name: `${name}.${String(number).padStart(digits, '0')}`, ext });
}

/** The name of the record of one process among several: `gateway.jsonl` and `2`: `gateway.process-2.jsonl`. */
export function nameForProcess(file: string, which: string | number): string {
  const { dir, name, ext } = parse(file);
  return format({ dir, name: `${name}.process-${which}`, ext });
}

/** The numbered files of a record that are there, by number. @throws the error of the file system */
export function numberedFiles(file: string): { readonly number: number; readonly path: string }[] {
  const directory = dirname(file);
  const numbers = readdirSync(directory).flatMap((name) => {
    const [, number] = /\.(\d{6,15})(?:\.[^.]*)?$/.exec(name) ?? [];
    if (number === undefined || basename(numberedName(file, Number(number))) !== name) return [];
    return [{ number: Number(number), path: join(directory, name) }];
  });
  return numbers.sort((one, other) => one.number - other.number);
}
